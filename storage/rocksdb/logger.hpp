#pragma once

#include <rocksdb/env.h>

#include <cstdarg>
#include <mutex>

#include "storage/rocksdb/store.hpp"

namespace factord::storage {

/// Passes RocksDB's warnings and errors on, but for two that mean nothing here. In place of its LOG
/// file: Debian's build dies when that cannot be written, and the disk may be full. Used by
/// RocksDB's threads.
class notice_logger final : public rocksdb::Logger {
 public:
  explicit notice_logger(notice_sink notice);

  using rocksdb::Logger::Logv;
  void Logv(rocksdb::InfoLogLevel level, const char* format, std::va_list arguments) override;
  void LogHeader(const char* format, std::va_list arguments) override;

  /// Passes nothing on from now on: for a database that outlives what the sink refers to.
  void mute();

 private:
  std::mutex mutex_;  ///< guards notice_, and keeps notices whole
  notice_sink notice_;
};

}  // namespace factord::storage
