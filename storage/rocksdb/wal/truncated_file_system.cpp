#include "storage/rocksdb/wal/truncated_file_system.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>

namespace factord::storage {

namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

class truncated_file final : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  truncated_file(std::unique_ptr<rocksdb::FSSequentialFile> file, std::uint64_t size)
      : rocksdb::FSSequentialFileOwnerWrapper(std::move(file)), left_(size) {}

  IOStatus Read(std::size_t n, const IOOptions& options, rocksdb::Slice* result, char* scratch,
                IODebugContext* context) override {
    n = static_cast<std::size_t>(std::min<std::uint64_t>(n, left_));
    auto status = FSSequentialFileOwnerWrapper::Read(n, options, result, scratch, context);
    if (status.ok()) left_ -= result->size();
    return status;
  }

  IOStatus Skip(std::uint64_t n) override {
    n = std::min(n, left_);
    left_ -= n;
    return FSSequentialFileOwnerWrapper::Skip(n);
  }

 private:
  std::uint64_t left_;
};

class truncating_files final : public rocksdb::FileSystemWrapper {
 public:
  truncating_files(std::shared_ptr<rocksdb::FileSystem> base, const wal_cut& cut)
      : rocksdb::FileSystemWrapper(std::move(base)),
        name_(cut.file.filename()),
        size_(cut.offset) {}

  const char* Name() const override { return "truncated"; }

  IOStatus NewSequentialFile(const std::string& path, const FileOptions& options,
                             std::unique_ptr<rocksdb::FSSequentialFile>* result,
                             IODebugContext* context) override {
    auto status = FileSystemWrapper::NewSequentialFile(path, options, result, context);
    if (status.ok() && is_cut(path)) {
      *result = std::make_unique<truncated_file>(std::move(*result), size_);
    }
    return status;
  }

  IOStatus GetFileSize(const std::string& path, const IOOptions& options, std::uint64_t* size,
                       IODebugContext* context) override {
    auto status = FileSystemWrapper::GetFileSize(path, options, size, context);
    if (status.ok() && is_cut(path)) *size = size_;
    return status;
  }

 private:
  // RocksDB numbers the files of a directory: the name alone tells.
  [[nodiscard]] bool is_cut(const std::string& path) const {
    return std::filesystem::path{path}.filename() == name_;
  }

  const std::filesystem::path name_;
  const std::uint64_t size_;
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> truncated_file_system(
    std::shared_ptr<rocksdb::FileSystem> base, const wal_cut& cut) {
  return std::make_shared<truncating_files>(std::move(base), cut);
}

}  // namespace factord::storage
