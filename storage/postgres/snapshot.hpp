#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/engine/log_source.hpp"
#include "storage/postgres/connection.hpp"
#include "storage/postgres/location.hpp"
#include "storage/postgres/read_job.hpp"
#include "storage/postgres/session_rules.hpp"

namespace factord::storage {

/// The store in a database as it was when this was opened: one transaction on one connection, for
/// as long as this lives. Who reads is answered on the thread that asked first; what others ask
/// meanwhile, and callbacks, is answered there too.
class postgres_snapshot final : public log_source {
 public:
  /// As open_postgres_snapshot.
  [[nodiscard]] static result<std::unique_ptr<postgres_snapshot>> open(
      const postgres_location& location, const session_rules& rules);
  ~postgres_snapshot() override;

  const std::string& store_id() const noexcept override { return store_id_; }
  void read_states(std::span<const std::string> keys, callback<states_answer> done) const override;
  void read_events(std::uint64_t after, std::size_t limit,
                   callback<events_answer> done) const override;
  void read_user_events(std::string_view user_id, std::uint64_t after, std::size_t limit,
                        callback<events_answer> done) const override;
  void read_last_user_event(std::string_view user_id, callback<events_answer> done) const override;
  void scan_states(std::string_view prefix, std::string_view after, std::size_t limit,
                   callback<std::vector<key_value>> done) const override;
  void scan_user_events(std::string_view after, std::size_t limit,
                        callback<std::vector<std::string>> done) const override;
  void stop() override;

 private:
  postgres_snapshot(std::unique_ptr<postgres_connection> session, const session_rules& rules,
                    std::string store_id)
      : rules_(rules), store_id_(std::move(store_id)), session_(std::move(session)) {}
  [[nodiscard]] result<void> begin();
  void ask(read_job job) const;
  void answer(const read_job& job) const;

  const session_rules rules_;
  const std::string store_id_;

  mutable std::mutex mutex_;
  mutable std::condition_variable idle_;
  mutable std::deque<read_job> waiting_;  ///< guarded by mutex_
  mutable bool answering_ = false;        ///< guarded by mutex_
  bool stopped_ = false;                  ///< guarded by mutex_

  // Of the thread that answers.
  const std::unique_ptr<postgres_connection> session_;
  log_head head_;
  mutable std::optional<error> failed_;
};

}  // namespace factord::storage
