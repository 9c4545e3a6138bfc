#pragma once

#include <rocksdb/file_system.h>

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace factord::storage::testing {

/// A file system on which nobody makes a file below one folder before the gate is opened.
class gated_files final : public rocksdb::FileSystemWrapper {
 public:
  explicit gated_files(std::string folder)
      : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()), folder_(std::move(folder)) {}

  [[nodiscard]] const char* Name() const override { return "gated"; }

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* context) override {
    // Paths of ours lead through descriptors.
    if (std::filesystem::weakly_canonical(path).string().starts_with(folder_)) wait_at_gate();
    return FileSystemWrapper::NewWritableFile(path, options, result, context);
  }

  void open_gate() {
    const std::lock_guard lock{mutex_};
    open_ = true;
    changed_.notify_all();
  }

  /// Returns once somebody stands before the gate.
  void await_arrival() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return arrived_; });
  }

 private:
  void wait_at_gate() {
    std::unique_lock lock{mutex_};
    arrived_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }

  const std::string folder_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  bool arrived_ = false;
  bool open_ = false;
};

}  // namespace factord::storage::testing
