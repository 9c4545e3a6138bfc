#include "storage/rocksdb/data_directory.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <utility>

#include "tests/unit/storage/engine/engines.hpp"
#include "tests/unit/storage/rocksdb/files.hpp"

namespace factord::storage::data_directory_test {
namespace {

namespace fs = std::filesystem;

using testing::contents_of;
using testing::touch;

TEST(prepare_directory, makes_what_is_missing_for_the_owner_alone) {
  const temp_directory parent;
  const fs::path dir = parent.path() / "new";
  ASSERT_TRUE(prepare_directory(dir));
  struct stat status {};
  ASSERT_EQ(::stat(dir.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
  EXPECT_TRUE(prepare_directory(dir)) << "an empty one is fine as well";
}

TEST(prepare_directory, does_not_make_parents) {
  const temp_directory parent;
  EXPECT_EQ(prepare_directory(parent.path() / "a" / "b").error().code, errc::io_error);
}

TEST(prepare_directory, refuses_what_is_not_ours_and_leaves_it) {
  const temp_directory dir;
  touch(dir.path() / "thesis.txt");
  const auto before = contents_of(dir.path());
  const auto refused = prepare_directory(dir.path());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::not_a_store);
  EXPECT_NE(refused.error().message.find("thesis.txt"), std::string::npos);
  EXPECT_EQ(contents_of(dir.path()), before);
}

TEST(prepare_directory, refuses_a_file) {
  const temp_directory dir;
  touch(dir.path() / "file");
  EXPECT_EQ(prepare_directory(dir.path() / "file").error().code, errc::not_a_store);
}

TEST(prepare_directory, takes_what_a_crash_of_ours_leaves) {
  const temp_directory dir;
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (dir.path() / "admin.sock").string().copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  ::close(socket);
  fs::create_directory(dir.path() / "store");
  touch(dir.path() / "store" / "LOCK");
  touch(dir.path() / "store" / "MANIFEST-000001");
  EXPECT_TRUE(prepare_directory(dir.path()));

  touch(dir.path() / "store" / "000012.sst");
  EXPECT_EQ(prepare_directory(dir.path()).error().code, errc::not_a_store)
      << "a store that lost its CURRENT is not an unfinished one";
}

TEST(prepare_directory, a_plain_file_in_place_of_the_socket_is_not_ours) {
  const temp_directory dir;
  touch(dir.path() / "admin.sock");
  EXPECT_EQ(prepare_directory(dir.path()).error().code, errc::not_a_store);
}

TEST(directory_lock, is_held_by_one) {
  const temp_directory dir;
  auto first = directory_lock::take(dir.path());
  ASSERT_TRUE(first);
  EXPECT_EQ(directory_lock::take(dir.path()).error().code, errc::store_locked);
  directory_lock moved = *std::move(first);
  EXPECT_EQ(directory_lock::take(dir.path()).error().code, errc::store_locked);
  { const directory_lock gone = std::move(moved); }
  EXPECT_TRUE(directory_lock::take(dir.path()));
}

TEST(directory_lock, is_seen_by_other_processes_and_ends_with_its_own) {
  const temp_directory dir;
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lock = directory_lock::take(dir.path());
    const char held = lock ? '1' : '0';
    (void)!::write(ready[1], &held, 1);
    ::pause();
    ::_exit(0);
  }
  char held = 0;
  ASSERT_EQ(::read(ready[0], &held, 1), 1);
  EXPECT_EQ(held, '1');
  EXPECT_EQ(directory_lock::take(dir.path()).error().code, errc::store_locked);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(directory_lock::take(dir.path()));
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(directory_lock, needs_a_directory) {
  const temp_directory dir;
  EXPECT_EQ(directory_lock::take(dir.path() / "missing").error().code, errc::io_error);
}

}  // namespace
}  // namespace factord::storage::data_directory_test
