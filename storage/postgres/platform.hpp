#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "storage/postgres/primary_watch.hpp"
#include "storage/postgres/read_session.hpp"
#include "storage/postgres/readers.hpp"
#include "storage/postgres/session_io.hpp"

namespace factord::storage {

/// What an engine on a database runs on: connections, threads, a clock.
class postgres_platform {
 public:
  enum class use : std::uint8_t { writing, look_ups, walks };

  virtual ~postgres_platform() = default;

  /// For the session of that use. The watch outlives it.
  [[nodiscard]] virtual std::unique_ptr<session_io> make_io(use what, primary_watch& watch) = 0;
  /// What runs these, over what was made for them.
  [[nodiscard]] virtual std::unique_ptr<readers> start(std::unique_ptr<read_session> look_ups,
                                                       std::unique_ptr<read_session> walks) = 0;
  /// The clock of its sessions. Any thread.
  [[nodiscard]] virtual std::chrono::steady_clock::time_point now() const = 0;
};

}  // namespace factord::storage
