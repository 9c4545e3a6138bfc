#include "storage/prewritten_wal.hpp"

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

class prewritten_file final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  explicit prewritten_file(std::unique_ptr<rocksdb::FSWritableFile> file)
      : rocksdb::FSWritableFileOwnerWrapper(std::move(file)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* context) override {
    if (auto made = make_room(data.size(), options, context); !made.ok()) return made;
    // By position: what comes next overwrites zeros.
    auto written = target()->PositionedAppend(data, size_, options, context);
    if (written.ok()) size_ += data.size();
    return written;
  }

  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& /*checked by the base as well*/,
                  IODebugContext* context) override {
    return Append(data, options, context);
  }

  IOStatus Sync(const IOOptions& options, IODebugContext* context) override {
    auto synced = target()->Sync(options, context);
    if constexpr (planted(canary::retry_after_failed_sync)) {
      if (!synced.ok()) synced = target()->Sync(options, context);
    }
    return synced;
  }

  IOStatus Close(const IOOptions& options, IODebugContext* context) override {
    auto cut = target()->Truncate(size_, options, context);
    auto closed = target()->Close(options, context);
    return cut.ok() ? closed : cut;
  }

  std::uint64_t GetFileSize(const IOOptions& /*options*/, IODebugContext* /*context*/) override {
    return size_;
  }

 private:
  IOStatus make_room(std::uint64_t bytes, const IOOptions& options, IODebugContext* context) {
    if (size_ + bytes <= prewritten_) return IOStatus::OK();
    static const std::string zeros(wal_prewrite_bytes, '\0');
    while (prewritten_ < size_ + bytes) {
      auto written = target()->PositionedAppend(zeros, prewritten_, options, context);
      if (!written.ok()) return written;
      prewritten_ += zeros.size();
    }
    return IOStatus::OK();
  }

  std::uint64_t size_ = 0;        ///< of what RocksDB wrote
  std::uint64_t prewritten_ = 0;  ///< of the file
};

class file_system final : public rocksdb::FileSystemWrapper {
 public:
  explicit file_system(std::shared_ptr<rocksdb::FileSystem> base)
      : rocksdb::FileSystemWrapper(std::move(base)) {}

  [[nodiscard]] const char* Name() const override { return "factord.prewritten_wal"; }

  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext* context) override {
    auto made = FileSystemWrapper::NewWritableFile(path, options, result, context);
    if (made.ok() && std::string_view{path}.ends_with(".log")) {
      *result = std::make_unique<prewritten_file>(std::move(*result));
    }
    return made;
  }
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> prewritten_wal(std::shared_ptr<rocksdb::FileSystem> base) {
  return std::make_shared<file_system>(std::move(base));
}

}  // namespace factord::storage
