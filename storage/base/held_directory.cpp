#include "storage/base/held_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <mutex>
#include <string_view>
#include <utility>

namespace factord::storage {

namespace {

constexpr std::string_view places = "/proc/self/fd/";

/// What people call the directories that are held, by descriptor. One table, as there is one of
/// descriptors: RocksDB's messages name places, and pass through code that knows none of them.
class name_table {
 public:
  void put(int fd, std::string name) {
    const std::lock_guard lock{mutex_};
    names_[fd] = std::move(name);
  }
  void remove(int fd) {
    const std::lock_guard lock{mutex_};
    names_.erase(fd);
  }
  /// The place itself where nobody gave it a name.
  std::string name_of(std::string_view digits) {
    const std::lock_guard lock{mutex_};
    for (const auto& [fd, name] : names_) {
      if (std::to_string(fd) == digits) return name;
    }
    return std::string{places} + std::string{digits};
  }

 private:
  std::mutex mutex_;
  std::map<int, std::string> names_;  ///< guarded by mutex_
};

/// Never destroyed: a database that failed speaks until the process ends.
name_table& names() {
  static auto* const table = new name_table;
  return *table;
}

}  // namespace

result<shared_directory> held_directory::open(const std::filesystem::path& path) {
  const std::filesystem::path name = with_paths(path.string());
  file_descriptor fd{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!fd.ok()) return os_error("opening " + name.string());
  const auto identity = identity_of(fd.get());
  if (!identity) return identity.error();
  shared_directory held{new held_directory{std::move(fd), name, *identity}};
  if (!identity_of(held->place().string())) {
    return error{errc::io_error, "opening " + name.string() + ": /proc is not mounted"};
  }
  return held;
}

held_directory::held_directory(file_descriptor fd, std::filesystem::path path,
                               file_identity identity)
    : fd_(std::move(fd)), path_(std::move(path)), identity_(identity) {
  names().put(fd_.get(), path_.string());
}

held_directory::~held_directory() { names().remove(fd_.get()); }

std::filesystem::path held_directory::place() const {
  return std::string{places} + std::to_string(fd_.get());
}

result<void> held_directory::lock() const {
  if (::flock(fd(), LOCK_EX | LOCK_NB) == 0) return {};
  if (errno != EWOULDBLOCK) return os_error("locking " + path_.string());
  return error{errc::store_locked, path_.string() + " is in use by another process"};
}

result<void> held_directory::check_owner() const {
  struct stat found {};
  if (::fstat(fd(), &found) != 0) return os_error("looking at " + path_.string());
  if (found.st_uid == ::geteuid()) return {};
  return error{errc::io_error, path_.string() + " belongs to user " + std::to_string(found.st_uid) +
                                   ", who could not read what user " + std::to_string(::geteuid()) +
                                   " writes there: run this as its owner"};
}

result<void> held_directory::check_path() const {
  const auto found = identity_of(path_.string());
  if (found) {
    if (*found == identity_) return {};
    return error{errc::io_error,
                 path_.string() +
                     " is not the directory in use any more: that was moved, removed or "
                     "covered by another"};
  }
  if (errno == ENOMEM) return {};
  return os_error(path_.string() + " is not the directory in use any more");
}

std::string with_paths(std::string text) {
  std::size_t at = 0;
  while ((at = text.find(places, at)) != std::string::npos) {
    const std::size_t begin = at + places.size();
    const std::size_t end = std::min(text.find_first_not_of("0123456789", begin), text.size());
    const std::string name = names().name_of(std::string_view{text}.substr(begin, end - begin));
    text.replace(at, end - at, name);
    at += name.size();
  }
  return text;
}

error with_paths(error failure) {
  failure.message = with_paths(std::move(failure.message));
  return failure;
}

}  // namespace factord::storage
