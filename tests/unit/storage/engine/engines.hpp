#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/engine/engine.hpp"
#include "storage/rocksdb/store.hpp"
#include "tests/unit/support/temp_directory.hpp"

namespace factord::storage::testing {

/// A RocksDB store in a directory of its own, which can be closed and opened again.
class store_on_disk {
 public:
  explicit store_on_disk(durability mode = durability::disk);

  [[nodiscard]] engine& get() { return dynamic_cast<engine&>(*store_); }
  [[nodiscard]] const std::filesystem::path& dir() const { return directory_.path(); }
  [[nodiscard]] std::filesystem::path files() const { return dir() / "store"; }

  void close();
  /// What opening gave where it failed; the store is open otherwise.
  [[nodiscard]] std::optional<error> open();
  [[nodiscard]] std::optional<error> open_read_only();

  std::vector<std::string> notices;  ///< since the last open
  store_options options;

 private:
  template <class Store>
  std::optional<error> keep(result<std::unique_ptr<Store>> opened) {
    if (!opened) return opened.error();
    store_ = *std::move(opened);
    return std::nullopt;
  }

  temp_directory directory_;
  std::optional<directory_lock> lock_;
  std::unique_ptr<log_source> store_;
};

}  // namespace factord::storage::testing
