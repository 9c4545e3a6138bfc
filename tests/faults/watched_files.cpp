#include "tests/faults/watched_files.hpp"

#include <filesystem>
#include <functional>
#include <mutex>
#include <utility>

namespace factord::storage::testing {

namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

std::string name_of(const std::string& path) {
  return std::filesystem::path{path}.filename().string();
}

/// The watcher, with one event at a time: what it sees is the order in which things happened.
class gate {
 public:
  explicit gate(std::shared_ptr<file_watcher> watcher) : watcher_(std::move(watcher)) {}

  IOStatus pass(const file_event& event, const std::function<IOStatus()>& act) {
    const std::lock_guard lock{mutex_};
    if (auto refused = watcher_->allow(event); !refused.ok()) {
      if (event.act == file_act::sync) watcher_->saw(event, false);
      return refused;
    }
    auto done = act();
    if (done.ok()) watcher_->saw(event, true);
    return done;
  }

  IOStatus pass_write(const file_event& event,
                      const std::function<IOStatus(std::string_view)>& write) {
    const std::lock_guard lock{mutex_};
    const auto refused = watcher_->allow(event);
    file_event written = event;
    if (!refused.ok()) written.bytes = event.bytes.substr(0, event.bytes.size() / 2);
    auto done = write(written.bytes);
    if (done.ok()) watcher_->saw(written, true);
    return refused.ok() ? done : refused;
  }

 private:
  std::mutex mutex_;
  const std::shared_ptr<file_watcher> watcher_;
};

class watched_file final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  watched_file(std::unique_ptr<rocksdb::FSWritableFile> file, std::string name,
               std::shared_ptr<gate> through)
      : rocksdb::FSWritableFileOwnerWrapper(std::move(file)),
        name_(std::move(name)),
        through_(std::move(through)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* context) override {
    const std::string_view bytes = data.ToStringView();
    const auto written = through_->pass_write(
        {.act = file_act::write, .name = name_, .offset = size_, .bytes = bytes},
        [&](std::string_view part) {
          return target()->Append({part.data(), part.size()}, options, context);
        });
    if (written.ok()) size_ += bytes.size();
    return written;
  }

  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* context) override {
    return Append(data, options, context);
  }

  IOStatus PositionedAppend(const Slice& data, std::uint64_t offset, const IOOptions& options,
                            IODebugContext* context) override {
    return through_->pass_write(
        {.act = file_act::write, .name = name_, .offset = offset, .bytes = data.ToStringView()},
        [&](std::string_view part) {
          return target()->PositionedAppend({part.data(), part.size()}, offset, options, context);
        });
  }

  IOStatus Truncate(std::uint64_t size, const IOOptions& options,
                    IODebugContext* context) override {
    return through_->pass({.act = file_act::truncate, .name = name_, .offset = size},
                          [&] { return target()->Truncate(size, options, context); });
  }

  IOStatus Sync(const IOOptions& options, IODebugContext* context) override {
    return through_->pass({.act = file_act::sync, .name = name_},
                          [&] { return target()->Sync(options, context); });
  }

  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
    return through_->pass({.act = file_act::sync, .name = name_},
                          [&] { return target()->Fsync(options, context); });
  }

 private:
  const std::string name_;
  const std::shared_ptr<gate> through_;
  std::uint64_t size_ = 0;  ///< of what was appended
};

class watched_directory final : public rocksdb::FSDirectoryWrapper {
 public:
  watched_directory(std::unique_ptr<rocksdb::FSDirectory> directory, std::shared_ptr<gate> through)
      : rocksdb::FSDirectoryWrapper(std::move(directory)), through_(std::move(through)) {}

  IOStatus Fsync(const IOOptions& options, IODebugContext* context) override {
    return through_->pass({.act = file_act::sync_directory},
                          [&] { return FSDirectoryWrapper::Fsync(options, context); });
  }

  // What has to be synced for a new or renamed file depends on the file system; a test takes the
  // one where nothing less than the directory will do.
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* context,
                               const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, context);
  }

 private:
  const std::shared_ptr<gate> through_;
};

class file_system final : public rocksdb::FileSystemWrapper {
 public:
  explicit file_system(std::shared_ptr<file_watcher> watcher)
      : rocksdb::FileSystemWrapper(rocksdb::FileSystem::Default()),
        through_(std::make_shared<gate>(std::move(watcher))) {}

  const char* Name() const override { return "watched"; }

  IOStatus NewWritableFile(const std::string& path, const FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext* context) override {
    const std::string name = name_of(path);
    return through_->pass({.act = file_act::create, .name = name}, [&] {
      auto made = FileSystemWrapper::NewWritableFile(path, options, result, context);
      if (made.ok()) *result = std::make_unique<watched_file>(std::move(*result), name, through_);
      return made;
    });
  }

  IOStatus NewDirectory(const std::string& path, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* result,
                        IODebugContext* context) override {
    auto made = FileSystemWrapper::NewDirectory(path, options, result, context);
    if (made.ok()) *result = std::make_unique<watched_directory>(std::move(*result), through_);
    return made;
  }

  // Ways to change a file that would not be seen. RocksDB does not need them with our options.
  IOStatus ReopenWritableFile(const std::string&, const FileOptions&,
                              std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) override {
    return unwatched();
  }
  IOStatus ReuseWritableFile(const std::string&, const std::string&, const FileOptions&,
                             std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) override {
    return unwatched();
  }
  IOStatus NewRandomRWFile(const std::string&, const FileOptions&,
                           std::unique_ptr<rocksdb::FSRandomRWFile>*, IODebugContext*) override {
    return unwatched();
  }
  IOStatus LinkFile(const std::string&, const std::string&, const IOOptions&,
                    IODebugContext*) override {
    return unwatched();
  }
  IOStatus Truncate(const std::string&, std::size_t, const IOOptions&, IODebugContext*) override {
    return unwatched();
  }

  IOStatus DeleteFile(const std::string& path, const IOOptions& options,
                      IODebugContext* context) override {
    return through_->pass({.act = file_act::remove, .name = name_of(path)},
                          [&] { return FileSystemWrapper::DeleteFile(path, options, context); });
  }

  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* context) override {
    const std::string name = name_of(from);
    const std::string target = name_of(to);
    return through_->pass({.act = file_act::rename, .name = name, .target = target}, [&] {
      return FileSystemWrapper::RenameFile(from, to, options, context);
    });
  }

 private:
  static IOStatus unwatched() { return IOStatus::NotSupported("not watched"); }

  const std::shared_ptr<gate> through_;
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> watched_files(std::shared_ptr<file_watcher> watcher) {
  return std::make_shared<file_system>(std::move(watcher));
}

}  // namespace factord::storage::testing
