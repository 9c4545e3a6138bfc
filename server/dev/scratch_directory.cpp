#include "server/dev/scratch_directory.hpp"

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>

#include "server/base/log.hpp"

namespace factord::dev {

namespace fs = std::filesystem;

result<scratch_directory> scratch_directory::make() {
  std::error_code failed;
  const fs::path place = fs::temp_directory_path(failed);
  if (failed)
    return error{errc::io_error,
                 "no place for a directory of our own (TMPDIR): " + failed.message()};
  std::string name = (fs::absolute(place) / "factord-dev-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    const std::error_code cause(errno, std::generic_category());
    return error{errc::io_error,
                 "making a directory in " + place.string() + ": " + cause.message()};
  }
  return scratch_directory(fs::path(name));
}

scratch_directory::scratch_directory(scratch_directory&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

scratch_directory::~scratch_directory() {
  if (path_.empty()) return;
  std::error_code failed;
  fs::remove_all(path_, failed);
  if (failed) {
    log::warn("what this server has made is left behind",
              {{"directory", path_.string()}, {"cause", failed.message()}});
  }
}

}  // namespace factord::dev
