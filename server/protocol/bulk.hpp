#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "server/protocol/messages/bulk.hpp"
#include "server/protocol/session_environment.hpp"
#include "server/protocol/wire/bulk.hpp"
#include "server/protocol/wire/codec.hpp"
#include "server/service/call.hpp"

namespace factord::protocol {

/// One bulk of one connection, of whatever kind: the call that asks for it, its head, and those of
/// its lines that were begun and whose answers were not given. Each line is a call like any other,
/// begun in the order of the lines and answered in it. What is not begun yet stays in the request,
/// so who takes no answers is not read on. One thread.
class bulk {
 public:
  bulk(const session_environment& with, service::call& head);
  bulk(const bulk&) = delete;
  bulk& operator=(const bulk&) = delete;

  [[nodiscard]] service::call& head() const noexcept { return head_; }

  /// A part of its request was given out: there is more to read, or a fault.
  void take_part(const request& part);
  /// Its head was let in: the header of its answer is given.
  void admit() noexcept { admitted_ = true; }
  [[nodiscard]] bool admitted() const noexcept { return admitted_; }

  /// A line of it is answered.
  void complete(service::call& line);
  /// A line whose start was not all of it is in the commit queue now.
  void submitted(service::call& line) noexcept;

  /// No more lines are begun; those that were are answered, and then why.
  void stop(service::status_code code, std::string_view error_id, std::string_view message);
  /// The other side sends no more. What is not the whole request is cut short.
  void end_of_input();
  /// Nobody awaits its answer: no more is begun, and nothing told.
  void abandon();

  /// Begins lines, up to `most` that are not answered, and takes them off what is left of a turn.
  /// True where it did anything.
  [[nodiscard]] bool begin(codec& from, std::size_t most, std::size_t& left);
  /// Gives the next part of the answer, where there is one and room for it.
  [[nodiscard]] bool answer(codec& to);
  /// Lines of it are under way, or wait for their turn: its client may be waiting for them.
  [[nodiscard]] bool busy() const noexcept { return count_ > 0; }
  /// There is nothing left of it but its head.
  [[nodiscard]] bool over() const noexcept { return answered_ && count_ == 0; }

  /// The calls of it that are in nobody else's hands.
  void append_resting(std::vector<service::call*>& found) const;
  [[nodiscard]] std::size_t held_bytes() const noexcept;

 private:
  [[nodiscard]] bool take_item(request& incoming, std::string_view& rest);
  [[nodiscard]] service::call& make_line(const request& incoming, std::string_view text);
  void start(service::call& line);
  [[nodiscard]] bool start_refused(std::size_t& left);
  void drop(service::line_stage which);
  void push(service::call& line);
  void release_first();
  [[nodiscard]] bool first_is_back() const;
  [[nodiscard]] service::call* nth(std::size_t n) const {
    return lines_[(first_ + n) % lines_.size()];
  }

  const session_environment& with_;
  service::call& head_;
  const bulk_kind& kind_;
  const rpc_form form_;
  const bulk_dialect& dialect_;

  // Lines that were begun and not answered: a ring.
  std::vector<service::call*> lines_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  std::size_t back_ = 0;  ///< of these: finished before their turn
  std::size_t back_bytes_ = 0;
  std::size_t refused_ = 0;  ///< of these: the commit queue was full

  bool admitted_ = false;
  bool whole_ = false;       ///< the last part of the request was given out
  bool submitting_ = false;  ///< the newest line is not in the commit queue yet
  bool dry_ = false;         ///< what was read holds no whole line
  bool ended_ = false;       ///< no more lines are begun
  bool answered_ = false;    ///< the last part of the answer was given, or nobody awaits it
  bulk_end end_;
};

}  // namespace factord::protocol
