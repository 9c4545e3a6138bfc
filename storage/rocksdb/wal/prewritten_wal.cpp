#include "storage/rocksdb/wal/prewritten_wal.hpp"

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <string_view>
#include <utility>

#include "storage/base/canary.hpp"

namespace factord::storage {

namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

/// How much of a log RocksDB has written, which others may ask for meanwhile.
using shared_length = std::shared_ptr<std::atomic<std::uint64_t>>;

// Of this thread.
thread_local std::chrono::nanoseconds last_sync{};

class prewritten_file final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  prewritten_file(std::unique_ptr<rocksdb::FSWritableFile> file, shared_length size)
      : rocksdb::FSWritableFileOwnerWrapper(std::move(file)), size_(std::move(size)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* context) override {
    if (auto made = make_room(data.size(), options, context); !made.ok()) return made;
    // By position: what comes next overwrites zeros.
    auto written = target()->PositionedAppend(data, size(), options, context);
    // Afterwards: whoever sees the new length finds all of it in the file.
    if (written.ok()) size_->store(size() + data.size(), std::memory_order_release);
    return written;
  }

  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& /*checked by the base as well*/,
                  IODebugContext* context) override {
    return Append(data, options, context);
  }

  IOStatus Sync(const IOOptions& options, IODebugContext* context) override {
    const auto began = std::chrono::steady_clock::now();
    auto synced = target()->Sync(options, context);
    last_sync = std::chrono::steady_clock::now() - began;
    if (planted(canary::retry_after_failed_sync)) {
      if (!synced.ok()) synced = target()->Sync(options, context);
    }
    return synced;
  }

  IOStatus Close(const IOOptions& options, IODebugContext* context) override {
    auto cut = target()->Truncate(size(), options, context);
    auto closed = target()->Close(options, context);
    return cut.ok() ? closed : cut;
  }

  std::uint64_t GetFileSize(const IOOptions& /*options*/, IODebugContext* /*context*/) override {
    return size();
  }

 private:
  [[nodiscard]] std::uint64_t size() const { return size_->load(std::memory_order_relaxed); }

  IOStatus make_room(std::uint64_t bytes, const IOOptions& options, IODebugContext* context) {
    if (size() + bytes <= prewritten_) return IOStatus::OK();
    static const std::string zeros(wal_prewrite_bytes, '\0');
    while (prewritten_ < size() + bytes) {
      auto written = target()->PositionedAppend(zeros, prewritten_, options, context);
      if (!written.ok()) return written;
      prewritten_ += zeros.size();
    }
    return IOStatus::OK();
  }

  const shared_length size_;      ///< of what RocksDB wrote
  std::uint64_t prewritten_ = 0;  ///< of the file
};

class prewriting_files final : public rocksdb::FileSystemWrapper {
 public:
  explicit prewriting_files(std::shared_ptr<rocksdb::FileSystem> base)
      : rocksdb::FileSystemWrapper(std::move(base)) {}

  [[nodiscard]] const char* Name() const override { return "factord.prewritten_wal"; }

  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext* context) override {
    auto made = FileSystemWrapper::NewWritableFile(path, options, result, context);
    if (made.ok() && std::string_view{path}.ends_with(".log")) {
      *result = std::make_unique<prewritten_file>(std::move(*result), note_open(path));
    }
    return made;
  }

  // Of an open log: without the zeros, which are not RocksDB's.
  IOStatus GetFileSize(const std::string& path, const IOOptions& options, std::uint64_t* size,
                       IODebugContext* context) override {
    if (const auto length = length_of(path)) {
      *size = length->load(std::memory_order_acquire);
      return IOStatus::OK();
    }
    return FileSystemWrapper::GetFileSize(path, options, size, context);
  }

 private:
  shared_length note_open(const std::string& path) {
    auto length = std::make_shared<std::atomic<std::uint64_t>>(0);
    const std::lock_guard lock{mutex_};
    std::erase_if(open_, [](const auto& entry) { return entry.second.expired(); });
    open_[path] = length;
    return length;
  }

  /// Null where the file is none of the open logs.
  shared_length length_of(const std::string& path) {
    const std::lock_guard lock{mutex_};
    const auto found = open_.find(path);
    return found == open_.end() ? nullptr : found->second.lock();
  }

  std::mutex mutex_;
  std::map<std::string, std::weak_ptr<std::atomic<std::uint64_t>>> open_;  ///< guarded by mutex_
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> prewritten_wal(std::shared_ptr<rocksdb::FileSystem> base) {
  return std::make_shared<prewriting_files>(std::move(base));
}

std::chrono::nanoseconds last_wal_sync() noexcept { return last_sync; }

}  // namespace factord::storage
