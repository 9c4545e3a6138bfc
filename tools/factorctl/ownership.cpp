#include "tools/factorctl/ownership.hpp"

#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

namespace factord::ctl {
namespace {

// Empty where this machine has none.
std::string name_of(unsigned uid) {
  std::vector<char> room(1U << 10U);
  passwd entry{};
  passwd* found = nullptr;
  while (::getpwuid_r(uid, &entry, room.data(), room.size(), &found) == ERANGE)
    room.resize(2 * room.size());
  return found == nullptr ? "" : found->pw_name;
}

}  // namespace

std::string user_text(unsigned uid) {
  const std::string name = name_of(uid);
  return "uid " + std::to_string(uid) + (name.empty() ? "" : " (" + name + ")");
}

std::string say_whose(unsigned owner) {
  return "it belongs to " + user_text(owner) + ", and this is " + user_text(::geteuid()) +
         ": run factorctl as that user, or as root";
}

result<void> check_owner(const std::filesystem::path& directory) {
  struct stat found {};
  if (::geteuid() != 0 || ::stat(directory.c_str(), &found) != 0 || found.st_uid == 0) return {};
  const std::string owner = name_of(found.st_uid);
  const std::string command = owner.empty() ? "setpriv --clear-groups --reuid " +
                                                  std::to_string(found.st_uid) + " --regid " +
                                                  std::to_string(found.st_gid)
                                            : "runuser -u " + owner;
  return error{errc::unavailable, directory.string() + " belongs to " + user_text(found.st_uid) +
                                      ", and this is " + user_text(0) +
                                      ", whose files that user could not read: run factorctl as "
                                      "that user (" +
                                      command + " -- factorctl ...)"};
}

}  // namespace factord::ctl
