#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "storage/engine/engine.hpp"
#include "tests/simulation/options.hpp"
#include "tests/simulation/random.hpp"
#include "tests/simulation/simulated_thread.hpp"

namespace factord::simulation {

/// An engine as a slow one: a write takes time, in which everything else goes on, and ends
/// the process if that dies meanwhile; a look-up is answered at once or by another thread, later.
class simulated_engine final : public storage::engine {
 public:
  struct surroundings {
    simulated_thread& thread;
    random_bits& random;
    const run_options& run;
    std::function<void()> committed;  ///< the store may have changed
    std::function<void()> refused;    ///< a batch was not taken, and is to be decided again
    std::function<void()> broken;     ///< it will not change any more
    /// Runs a task on a thread of the engine, some time later, if the process lives then.
    std::function<void(std::function<void()>)> later;
  };

  simulated_engine(std::unique_ptr<storage::engine> inner, surroundings around)
      : inner_(std::move(inner)), around_(std::move(around)) {}

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

  /// Lets this time pass on the commit thread, which tries a batch again after it.
  void pause(moment time) {
    wait(time);
    again_ = true;
  }
  /// A load was neither committed nor abandoned yet.
  [[nodiscard]] bool in_transaction() const noexcept { return in_transaction_; }

 private:
  /// What a batch said at its first attempt, and on what.
  struct attempt {
    storage::log_head on;
    std::vector<std::string> events;
  };

  void block(std::size_t longest_us) const { wait(moment{around_.random.below(longest_us + 1)}); }
  void wait(moment time) const { around_.thread.wait(around_.thread.now() + time); }
  void compare(std::span<const storage::new_event> events);
  void read(std::function<void()> look_up) const;

  const std::unique_ptr<storage::engine> inner_;
  const surroundings around_;
  bool in_transaction_ = false;
  storage::log_head head_;        ///< of the newest load
  std::optional<attempt> first_;  ///< where every batch is decided twice
  bool again_ = false;            ///< and this one is tried again
};

}  // namespace factord::simulation
