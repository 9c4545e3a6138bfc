#include "tests/unit/storage/postgres/cluster.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdlib>

namespace factord::storage::testing {

namespace {

constexpr const char* inherited = "FACTORD_TEST_CLUSTER";

}  // namespace

cluster& cluster::get() {
  static cluster one;
  return one;
}

cluster::cluster() {
  if (const char* const there = std::getenv(inherited); there != nullptr) {
    directory_ = there;
    return;
  }
  own_.emplace();
  directory_ = own_->path();
  server_.emplace(directory_, "");
  ::setenv(inherited, directory_.c_str(), 1);
}

database::database() {
  static std::atomic<int> made = 0;
  name_ = "test_" + std::to_string(::getpid()) + "_" + std::to_string(++made);
  cluster::get().admin().ask("CREATE DATABASE " + name_);
}

database::~database() { cluster::get().admin().ask("DROP DATABASE " + name_ + " WITH (FORCE)"); }

}  // namespace factord::storage::testing
