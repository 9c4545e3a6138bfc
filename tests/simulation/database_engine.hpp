#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "storage/postgres/engine.hpp"
#include "tests/simulation/database_platform.hpp"

namespace factord::simulation {

/// The engine of a server on a simulated database: the real one, watched. Nobody stops for good
/// without a cause, or goes on where what the process has seen is lost.
class database_engine final : public storage::engine {
 public:
  database_engine(database_hosts& of, simulated_thread& thread,
                  storage::writer_session::notice tell);

  const std::string& store_id() const noexcept override { return inner_->store_id(); }
  storage::durability mode() const noexcept override { return inner_->mode(); }
  timestamp now() const override { return inner_->now(); }
  bool halves_batches() const noexcept override { return inner_->halves_batches(); }
  bool others_write() const noexcept override { return inner_->others_write(); }
  void on_background_failure(std::function<void(const error& failure)> tell) override {
    inner_->on_background_failure(std::move(tell));
  }
  result<storage::log_head> load(storage::state_table& table) override;
  result<storage::commit_status> commit(const storage::state_table& table,
                                        std::span<const storage::new_event> events) override;
  void abandon() override;
  result<void> confirm() override { return inner_->confirm(); }
  result<void> sync() override { return inner_->sync(); }
  void read_states(std::span<const std::string> keys,
                   callback<storage::states_answer> done) const override;
  void read_events(std::uint64_t after, std::size_t limit,
                   callback<storage::events_answer> done) const override;
  void read_user_events(std::string_view user_id, std::uint64_t after, std::size_t limit,
                        callback<storage::events_answer> done) const override;
  void read_last_user_event(std::string_view user_id,
                            callback<storage::events_answer> done) const override;
  void scan_states(std::string_view prefix, std::string_view after, std::size_t limit,
                   callback<std::vector<storage::key_value>> done) const override;
  void scan_user_events(std::string_view after, std::size_t limit,
                        callback<std::vector<std::string>> done) const override;
  void stop() override { inner_->stop(); }

  void cut() { on_->cut(); }

 private:
  using point = storage::head_latch::point;
  void see(const storage::log_head& head, const point& before) const;
  template <class T>
  [[nodiscard]] callback<T> watched(callback<T> done) const;
  template <class T>
  void check_given_up(const result<T>& ended) const;

  database_hosts& of_;
  const std::shared_ptr<point> seen_ = std::make_shared<point>();
  database_platform* on_;  ///< of the engine
  std::unique_ptr<storage::postgres_engine> inner_;
};

}  // namespace factord::simulation
