#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "storage/engine/engine.hpp"
#include "tests/simulation/bootstrap.hpp"
#include "tests/simulation/simulated_thread.hpp"

namespace factord::simulation {

/// The store that the servers of a run share, with troubles of its own.
class shared_store {
 public:
  virtual ~shared_store() = default;

  /// The tokens that are in it when the run begins.
  [[nodiscard]] virtual const std::vector<known_token>& tokens() const = 0;
  /// As nobody's process sees it now.
  [[nodiscard]] virtual const storage::log_source& view() const = 0;

  /// The engine of a server whose process begins; its writer waits on that thread.
  [[nodiscard]] virtual std::unique_ptr<storage::engine> open(std::size_t server,
                                                              simulated_thread& on) = 0;
  /// That process is no more. True where the store was started anew with it.
  [[nodiscard]] virtual bool died(std::size_t server, bool power_cut) = 0;

  using trouble = std::function<void(std::size_t server)>;
  /// Has so many troubles happen at some time, to some server.
  using planner = std::function<void(std::size_t times, const trouble& what)>;
  virtual void plan(const planner& plan) = 0;

  /// There is no process any more: what may still happen to the store happens now.
  virtual void settle() = 0;
};

}  // namespace factord::simulation
