#pragma once

#include <string>
#include <utility>

#include "storage/postgres/location.hpp"
#include "storage/postgres/platform.hpp"
#include "storage/postgres/session_rules.hpp"

namespace factord::storage {

/// A server's: libpq, threads of the system, and its steady clock.
class libpq_platform final : public postgres_platform {
 public:
  /// The store with this id there.
  libpq_platform(const postgres_location& location, const session_rules& rules,
                 std::string store_id)
      : location_(location), rules_(rules), store_id_(std::move(store_id)) {}

  std::unique_ptr<session_io> make_io(use what, primary_watch& watch) override;
  std::unique_ptr<readers> start(std::unique_ptr<read_session> look_ups,
                                 std::unique_ptr<read_session> walks) override;
  std::chrono::steady_clock::time_point now() const override {
    return std::chrono::steady_clock::now();
  }

 private:
  const postgres_location location_;
  const session_rules rules_;
  const std::string store_id_;
};

}  // namespace factord::storage
