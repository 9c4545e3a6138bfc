#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "storage/engine/log_source.hpp"
#include "tests/simulation/bootstrap.hpp"
#include "tests/simulation/history.hpp"
#include "tests/simulation/request.hpp"
#include "tests/simulation/rules.hpp"

namespace factord::simulation {

/// Thrown where the program broke a promise.
struct violation {
  std::string what;
};

/// Checks every answer against the log. The log is the order of all writes, so what was answered
/// must be right at some position of it between the sending of the request and the coming of its
/// answer: a write that was done exactly where its event stands, everything else (reads, refusals)
/// at one of them. Every event belongs to exactly one request, answered or left without an answer.
class model {
 public:
  /// Both outlive it.
  model(const storage::log_source& store, const run_options& run) : store_(store), run_(run) {}

  /// Takes in what was appended to the log; checks that it is dense.
  void see_log();
  /// What is in the log by now is about to be answered: verdicts on tokens that are older than it
  /// hold no longer. (Between these two, readers see what tokens do not show yet.)
  void settle() { settled_ = past_.last(); }
  /// What is in the log by now was nobody's request.
  void adopt_log() {
    settle();
    owners_.assign(past_.last(), owner::answered);
  }
  void learn_token(const known_token& one) {
    token_ids_[one.secret] = one.id;
    newest_token_ = one;
  }
  [[nodiscard]] const known_token& newest_token() const noexcept { return newest_token_; }

  /// A request is about to be sent: it gets its id and its first position.
  void sent(request_seen& asked);
  /// `floor`: the newest sequence that this connection was answered before; returns the next one.
  std::uint64_t answered(std::uint64_t id, const answer_seen& answer, std::uint64_t floor);
  /// No answer will come: whether it was done is open.
  void given_up(std::uint64_t id);
  /// It was said that it is not done, and will not be.
  void not_begun(std::uint64_t id);

  /// The process ended, and the next one found a log up to `last`. `may_lose`: answered events may
  /// be missing at its end.
  void recovered(std::uint64_t last, bool may_lose);
  /// The store goes on, and its log ends with `last` now. `answered`: of answered events, too. What
  /// is under way may have been decided before.
  void lost_tail(std::uint64_t last, bool answered);
  /// Every event of the log has a request by now.
  void check_owners();

  [[nodiscard]] const history& past() const noexcept { return past_; }
  [[nodiscard]] std::uint64_t checked() const noexcept { return checked_; }

 private:
  enum class owner : std::uint8_t { none, unanswered, answered };

  /// Positions of the log at which an answer may be right.
  struct window {
    std::uint64_t settled;  ///< from here on, about the token
    std::uint64_t first;
    std::uint64_t last;
  };

  /// A log that has lost its end, as it was.
  struct lost_log {
    history past;
    std::vector<owner> owners;
    bool answered;
  };

  std::uint64_t judge(const request_seen& asked, const answer_seen& answer, std::uint64_t floor);
  [[nodiscard]] bool was_right(const request_seen& asked, const answer_seen& answer,
                               std::uint64_t floor, lost_log& in);
  void check_kept(std::uint64_t last) const;
  [[noreturn]] void fail(const request_seen& asked, const answer_seen& answer,
                         std::string_view why) const;
  [[nodiscard]] bool authenticates(const request_seen& asked, std::uint64_t position,
                                   const token_then*& caller) const;
  [[nodiscard]] std::string creator(const request_seen& asked) const;
  [[nodiscard]] bool made(const request_seen& asked, std::uint64_t sequence) const;
  void claim(const request_seen& asked, std::uint64_t sequence, owner whose);
  std::uint64_t check_write(const request_seen& asked, const answer_seen& answer, window in);
  std::uint64_t check_replayed(const request_seen& asked, const answer_seen& answer, window in);
  void check_decided(const request_seen& asked, const answer_seen& answer, window in) const;
  [[nodiscard]] bool refused_unasked(const request_seen& asked, const answer_seen& answer) const;
  [[nodiscard]] bool reads_right(const request_seen& asked, const boost::json::value& body,
                                 std::uint64_t position) const;

  const storage::log_source& store_;
  const run_options& run_;
  history past_;
  std::vector<owner> owners_;                     ///< by sequence - 1
  std::set<std::uint64_t> replayed_;              ///< that repeated requests were told of
  std::map<std::string, std::string> token_ids_;  ///< by secret
  known_token newest_token_;
  std::map<std::uint64_t, request_seen> open_;
  std::map<std::uint64_t, request_seen> unknown_;
  std::vector<lost_log> lost_;
  std::uint64_t settled_ = 0;
  std::uint64_t next_id_ = 1;
  std::uint64_t checked_ = 0;
};

}  // namespace factord::simulation
