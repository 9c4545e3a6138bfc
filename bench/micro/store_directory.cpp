#include "bench/micro/store_directory.hpp"

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "bench/micro/sample.hpp"
#include "storage/commit/seed_users.hpp"
#include "tools/common/number.hpp"

namespace factord::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t default_users = 4'096;

std::string read_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// In the working directory, not in /tmp: that may be memory, where a sync costs nothing.
fs::path make_temporary() {
  std::string name = (fs::current_path() / "micro_bench.XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make " + name);
  return name;
}

}  // namespace

store_directory::store_directory()
    : path_(read_environment("FACTORD_BENCH_STORE")),
      users_(tools::parse_number(read_environment("FACTORD_BENCH_USERS")).value_or(default_users)),
      temporary_(path_.empty()) {
  if (temporary_) path_ = make_temporary();
  storage::prepare_directory(path_).value();
  lock_ = std::make_unique<storage::directory_lock>(storage::directory_lock::take(path_).value());
  if (!temporary_) return;
  const auto ids = id_range::make(first_id, users_).value();
  const auto store = open(storage::durability::process);
  storage::seed_users(*store, ids, std::string(org), [](std::uint64_t) {}).value();
}

store_directory::~store_directory() {
  lock_.reset();
  std::error_code ignored;
  if (temporary_) fs::remove_all(path_, ignored);
}

std::unique_ptr<storage::engine> store_directory::open(storage::durability mode,
                                                       std::size_t write_buffer_bytes) const {
  storage::store_options options;
  options.mode = mode;
  options.write_buffer_bytes = write_buffer_bytes;
  options.wal_bytes = write_buffer_bytes;
  return storage::open_store(path_, *lock_, options).value();
}

}  // namespace factord::bench
