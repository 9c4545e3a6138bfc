#pragma once

#include <functional>

#include "storage/engine/memory_engine.hpp"
#include "tests/simulation/options.hpp"
#include "tests/simulation/scheduler.hpp"

namespace factord::simulation {

/// Thrown out of the commit thread where its process dies in the middle of a call.
struct process_died {};

/// A memory engine as a slow one: a write takes time, in which everything else goes on, and ends
/// the process if that dies meanwhile; a look-up is answered at once or by another thread, later.
class simulated_engine final : public storage::engine {
 public:
  struct surroundings {
    scheduler& time;
    random_bits& random;
    const run_options& run;
    const bool& dying;
    std::function<void()> committed;  ///< the store may have changed
    std::function<void()> refused;    ///< a batch was not taken, and is to be decided again
    std::function<void()> broken;     ///< it will not change any more
    /// Runs a task on a thread of the engine, some time later, if the process lives then.
    std::function<void(std::function<void()>)> later;
  };

  simulated_engine(storage::memory_engine& inner, surroundings around)
      : inner_(inner), around_(std::move(around)) {}

  const std::string& store_id() const noexcept override { return inner_.store_id(); }
  storage::durability mode() const noexcept override { return inner_.mode(); }
  void on_background_failure(std::function<void(const error& failure)> tell) override {
    inner_.on_background_failure(std::move(tell));
  }
  result<storage::log_head> load(storage::state_table& table) override;
  result<storage::commit_status> commit(const storage::state_table& table,
                                        std::span<const storage::new_event> events) override;
  void abandon() override { inner_.abandon(); }
  result<void> sync() override { return inner_.sync(); }
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
  void stop() override { inner_.stop(); }

  /// Lets this time pass on the commit thread.
  void pause(moment time) const;

 private:
  void block(std::size_t longest_us) const { pause(moment{around_.random.below(longest_us + 1)}); }
  void read(std::function<void()> look_up) const;

  storage::memory_engine& inner_;
  const surroundings around_;
};

}  // namespace factord::simulation
