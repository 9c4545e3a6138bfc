#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/postgres/binary.hpp"
#include "storage/postgres/head_latch.hpp"
#include "storage/postgres/primary_watch.hpp"
#include "storage/postgres/read_job.hpp"
#include "storage/postgres/session_io.hpp"
#include "storage/postgres/session_rules.hpp"

namespace factord::storage {

/// A connection that reads: whatever it is given at once shares a round trip, and a snapshot of the
/// database, which the newest primary has taken (primary_watch.hpp). Made when it is needed, and
/// again where it was lost. One thread.
class read_session {
 public:
  /// The latch and the watch outlive it.
  read_session(const session_rules& rules, head_latch& latch, primary_watch& watch,
               std::unique_ptr<session_io> io)
      : rules_(rules), latch_(latch), watch_(watch), io_(std::move(io)) {}

  /// Answers all of them, with what was found or with why nothing was: errc::unavailable where the
  /// database cannot be asked now, or their turn has come too late (read_job::by).
  void answer(std::vector<read_job>& jobs);

  /// Learns how many standbys a commit waits for, which every answer tells; nothing where it is not
  /// connected.
  void look();

 private:
  using time = session_io::time;

  void end_late_ones(std::vector<read_job>& jobs);
  [[nodiscard]] bool connected() const { return io_->connected_to().has_value(); }
  [[nodiscard]] result<void> ask(std::vector<read_job>& jobs, std::size_t& answered, time by);
  [[nodiscard]] result<void> be_connected(time by);
  [[nodiscard]] result<void> exchange(std::vector<read_job>& jobs, std::size_t& answered, time by);
  void take(const sql_reply& reply, std::vector<read_job>& jobs, std::size_t& answered);
  [[nodiscard]] result<void> take_head(const sql_reply& reply);

  const session_rules rules_;
  head_latch& latch_;
  primary_watch& watch_;
  const std::unique_ptr<session_io> io_;

  std::vector<sql_request> requests_;
  std::size_t replies_ = 0;  ///< of the exchange under way
  std::size_t before_ = 0;   ///< its requests before those of the jobs
  head_latch::point expected_;
  result<log_head> head_ = log_head{};
  bool stale_ = false;      ///< the snapshot may be
  bool unchecked_ = false;  ///< the connection has not shown yet that it has the newest event
  number_bytes sequence_{};
  std::optional<std::string> event_hash_;  ///< of the event that is expected
};

}  // namespace factord::storage
