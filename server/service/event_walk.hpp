#pragma once

#include <cstddef>
#include <cstdint>

#include "server/service/answer.hpp"
#include "server/service/page_size.hpp"
#include "server/service/question.hpp"
#include "storage/engine/log_source.hpp"

namespace factord::service {

/// Reads a page of the log (ListEvents), in steps: what a filter is held against is read by the
/// thousand, and no more than `looked_at_max` for a page, so that others have their turns and a
/// filter that lets little through costs no more than one that lets all through. Where the page
/// begins at a time, that place is found first, by halves: times of the log never go back.
///
/// ask(), then take() of what was read, until done(). One thread after the other.
class event_walk {
 public:
  static constexpr std::size_t step_events = 1'000;
  static constexpr std::size_t looked_at_max = 10'000;

  /// `asked` outlives it.
  explicit event_walk(const call_input& asked);

  void ask(const storage::log_source& store,
           storage::log_source::callback<storage::events_answer> done) const;
  /// Fails where nothing could be read, or the bytes of an event do not hold together.
  [[nodiscard]] result<void> take(const result<storage::events_answer>& read);
  [[nodiscard]] bool done() const noexcept { return done_; }

  /// Once it is done: sets the page. `next` is where there was no room for more, and of a page that
  /// is filtered wherever not all of the log was looked at, also without an event.
  void show(answer& out);

 private:
  [[nodiscard]] std::size_t step() const noexcept;
  [[nodiscard]] result<void> narrow(const storage::events_answer& probe);
  /// False where the page ends with it, or before it.
  [[nodiscard]] bool look_at(std::uint64_t sequence, storage::event_record& event);

  const call_input& asked_;
  const bool filtered_;
  std::uint64_t after_;       ///< up to here there is nothing more for the page
  std::uint64_t before_ = 0;  ///< seeking: what the page begins with is here at the latest
  bool seeking_;
  bool done_ = false;
  bool more_ = false;  ///< behind `after_` the log was not looked at
  bool cut_ = false;   ///< for want of room
  std::size_t looked_at_ = 0;
  page_room room_;
  event_page page_;
  storage::log_head head_;
};

}  // namespace factord::service
