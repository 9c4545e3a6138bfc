#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "storage/rocksdb/store.hpp"

namespace factord::bench {

/// A data directory with users who have the factor: by default a small new one under the working
/// directory, which is removed at the end. Where FACTORD_BENCH_STORE names a directory, that one,
/// with the FACTORD_BENCH_USERS users that `factorctl seed` put in; it is written to and kept.
class store_directory {
 public:
  store_directory();
  ~store_directory();
  store_directory(const store_directory&) = delete;
  store_directory& operator=(const store_directory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }
  [[nodiscard]] std::uint64_t users() const noexcept { return users_; }

  /// The store in it. One at a time; must go before this does.
  [[nodiscard]] std::unique_ptr<storage::engine> open(
      storage::durability mode,
      std::size_t write_buffer_bytes = storage::store_options{}.write_buffer_bytes) const;

 private:
  std::filesystem::path path_;
  std::uint64_t users_;
  bool temporary_;
  std::unique_ptr<storage::directory_lock> lock_;
};

}  // namespace factord::bench
