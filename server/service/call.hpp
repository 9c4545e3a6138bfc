#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "server/base/budget.hpp"
#include "server/service/answer.hpp"
#include "server/service/call_protocol.hpp"
#include "server/service/credentials/credential.hpp"
#include "server/service/question.hpp"
#include "server/service/request_context.hpp"
#include "server/service/ticket.hpp"
#include "storage/commit/command.hpp"

namespace factord::service {

class counters;

inline constexpr auto no_deadline = std::chrono::steady_clock::time_point::max();

/// Why the protocol layer found a request wanting. Kept until its turn: authentication comes first.
struct rejection {
  status_code code = status_code::ok;  ///< ok: nothing was wrong
  std::string_view error_id;           ///< static
  std::string message;
};

/// Where a line of a bulk is.
enum class line_stage : std::uint8_t {
  under_way,  ///< in the hands of the service
  refused,    ///< the commit queue was full: it is to be started again
  back,       ///< done
};

/// One request on its way through the service: a question, whose it is, and the answer; for the
/// commit queue a command. Belongs to the call_pool of its shard; a command is in the queue's hands
/// from submit to completion.
class call final : public storage::command, public question {
 public:
  explicit call(std::uint32_t shard) : command(shard) {}

  ticket way_back;                  ///< whose connection
  std::uint64_t request_id = 0;     ///< which request of it
  std::uint64_t line = 0;           ///< which line of that, a bulk; 0: it is none
  line_stage stage{};               ///< of a line
  call_protocol over{};             ///< how it came, for the counters
  request_context context;          ///< what logs call it by; a line of a bulk has none
  std::uint32_t protocol_note = 0;  ///< the protocol layer's own, for rendering the answer
  /// Not begun after this: the client does not wait any longer. What was queued by then is done.
  std::chrono::steady_clock::time_point deadline = no_deadline;
  rejection rejected;
  credential_kind* kind = nullptr;  ///< of what it shows, once that is told
  storage::digest credential{};     ///< the hash of that
  std::uint64_t token_epoch = 0;    ///< of the head by which `who` was found
  /// Of the head by which a query was answered, where the store was read for it.
  std::optional<std::uint64_t> answer_epoch;
  /// ListEvents with a wait: when that is over, once it has begun.
  std::optional<std::chrono::steady_clock::time_point> wait_until;
  bool waited = false;                ///< perhaps for longer than what was shown is good
  timestamp good_until{};             ///< of that; 0: for ever
  standing stands;                    ///< of that
  bool begun = false;                 ///< a part of the answer was given, and others are to follow
  std::optional<budget_place> place;  ///< among the streams of events, or the lines of bulks
  bool begun_later = false;           ///< start() returned before it was submitted or answered
  answer out;
  counters* tally = nullptr;    ///< where the answer is counted; set by the service
  std::uint64_t bytes_in = 0;   ///< of the body that it came in, decoded
  std::uint64_t bytes_out = 0;  ///< of the bodies that it was answered by; not of a bulk
  std::uint64_t lines = 0;      ///< of a bulk: how many were taken, so far
  std::chrono::steady_clock::time_point admitted_at{};  ///< authenticated; where it is traced
  std::chrono::steady_clock::time_point answered_at{};  ///< when it came back to its shard, last

  void clear();
  /// Its answer alone.
  void clear_answer();

  /// What it shows has ended, or a key may be gone by which that was good: who has waited is to be
  /// judged again.
  [[nodiscard]] bool may_be_over(timestamp now) const noexcept {
    return expired(good_until, now) || !stands.holds();
  }

  /// It takes as long as its client likes: a stream, or a bulk as a whole.
  [[nodiscard]] bool lasts() const noexcept {
    return in.follow || traits(op).kind == operation_kind::bulk;
  }
  /// It is back on its shard. Counts the time that it took, of what does not last.
  void note_answered(std::chrono::steady_clock::time_point now) noexcept;

  // storage::command
  void list_keys(storage::state_table& table) const override;
  void list_more_keys(storage::state_table& table, const storage::log_head& head) const override;
  void decide(const storage::state_table& states, const storage::decision_times& at,
              storage::event_sink& events) override;
  void finish(storage::commit_outcome outcome) noexcept override;
  std::size_t size_bytes() const noexcept override;

 private:
  [[nodiscard]] bool known_by_another(std::uint64_t epoch) const noexcept;

  mutable std::string key_;  ///< scratch for those of states
  bool decided_ = false;     ///< once at least
};

}  // namespace factord::service
