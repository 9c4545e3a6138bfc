// Directories that are held, while their paths come to lead elsewhere. (Mounts: the e2e suite.)
#include "storage/base/held_directory.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "storage/rocksdb/path_watch.hpp"
#include "tests/unit/support/temp_directory.hpp"

namespace factord::storage::held_directory_test {
namespace {

namespace fs = std::filesystem;

/// Something that happens in a folder that holds:
///
///   real/data (the directory), real/other   link -> real   link2 -> link
struct happening {
  std::string name;
  std::string path;  ///< by which the directory was opened
  std::function<void()> act;
  bool leads;  ///< the path still does
};

void turn(const char* link, const char* to) {
  fs::remove(link);
  fs::create_directory_symlink(to, link);
}

std::vector<happening> happenings() {
  return {
      {"nothing", "real/data", [] {}, true},
      {"a file is made in it", "real/data", [] { std::ofstream{"real/data/file"} << "x"; }, true},
      {"renamed", "real/data", [] { fs::rename("real/data", "real/old"); }, false},
      {"there and back", "real/data",
       [] {
         fs::rename("real/data", "real/old");
         fs::rename("real/old", "real/data");
       },
       true},
      {"replaced by another", "real/data",
       [] {
         fs::rename("real/data", "real/old");
         fs::rename("real/other", "real/data");
       },
       false},
      {"replaced by a link to it", "real/data",
       [] {
         fs::rename("real/data", "real/old");
         fs::create_directory_symlink("old", "real/data");
       },
       true},
      {"replaced by a file", "real/data",
       [] {
         fs::rename("real/data", "real/old");
         std::ofstream{"real/data"} << "x";
       },
       false},
      {"removed", "real/data", [] { fs::remove("real/data"); }, false},
      {"removed and made again", "real/data",
       [] {
         fs::remove("real/data");
         fs::create_directory("real/data");
       },
       false},
      {"its parent renamed", "real/data", [] { fs::rename("real", "old"); }, false},
      {"its parent becomes a file", "real/data",
       [] {
         fs::rename("real", "old");
         std::ofstream{"real"} << "x";
       },
       false},
      {"by a link", "link/data", [] {}, true},
      {"the link turned", "link/data",
       [] {
         fs::create_directories("away/data");
         turn("link", "away");
       },
       false},
      {"the link turned to where it leads nowhere", "link/data", [] { turn("link", "away"); },
       false},
      {"the link turned to the same by another way", "link/data", [] { turn("link", "./real"); },
       true},
      {"the link turned to itself", "link/data", [] { turn("link", "link"); }, false},
      {"a link behind a link turned", "link2/data", [] { turn("link", "away"); }, false},
      {"dots", "real/../real/./data", [] { fs::rename("real/data", "real/old"); }, false},
  };
}

class held_directories : public ::testing::Test {
 protected:
  held_directories() { fs::current_path(folder_.path()); }
  ~held_directories() override { fs::current_path(before_); }

  const fs::path before_ = fs::current_path();
  const temp_directory folder_;
};

TEST_F(held_directories, know_whether_their_path_leads_to_them) {
  for (const happening& one : happenings()) {
    SCOPED_TRACE(one.name);
    const temp_directory folder;
    fs::current_path(folder.path());
    fs::create_directories("real/data");
    fs::create_directory("real/other");
    fs::create_directory_symlink("real", "link");
    fs::create_directory_symlink("link", "link2");
    const auto held = held_directory::open(one.path);
    ASSERT_TRUE(held);
    EXPECT_EQ((*held)->path(), one.path);
    ASSERT_TRUE((*held)->check_path());

    one.act();
    const auto leads = (*held)->check_path();
    EXPECT_EQ(leads.has_value(), one.leads);
    if (!leads) {
      EXPECT_EQ(leads.error().code, errc::io_error);
      EXPECT_TRUE(leads.error().message.starts_with(one.path + " is not the directory in use"))
          << leads.error().message;
    }
  }
  fs::current_path(folder_.path());
}

TEST_F(held_directories, are_reached_by_their_places_wherever_they_are) {
  fs::create_directory("data");
  const auto held = held_directory::open("data");
  ASSERT_TRUE(held);
  fs::rename("data", "old");
  fs::create_directory("data");
  std::ofstream{(*held)->place() / "file"} << "x";
  EXPECT_TRUE(fs::exists("old/file"));
  EXPECT_TRUE(fs::is_empty("data"));
}

TEST_F(held_directories, are_called_by_their_paths) {
  fs::create_directories("data/inner");
  const auto outer = held_directory::open("data").value();
  const auto inner = held_directory::open(outer->place() / "inner").value();
  EXPECT_EQ(inner->path(), "data/inner");
  const std::string place = outer->place().string();
  EXPECT_EQ(with_paths(place), "data");
  EXPECT_EQ(with_paths("in " + place + "/f: " + inner->place().string() + "/g: no space"),
            "in data/f: data/inner/g: no space");
  EXPECT_EQ(with_paths(place + "99999/f"), place + "99999/f") << "another descriptor";
  EXPECT_EQ(with_paths("/proc/self/fd/"), "/proc/self/fd/");
  EXPECT_EQ(with_paths(error{errc::io_error, place}).message, "data");
}

TEST_F(held_directories, lose_their_names_when_they_are_let_go) {
  fs::create_directory("data");
  std::string place;
  {
    const auto held = held_directory::open("data").value();
    place = held->place().string();
  }
  EXPECT_EQ(with_paths(place), place);
}

TEST_F(held_directories, are_directories) {
  std::ofstream{"file"} << "x";
  for (const char* const path : {"file", "missing"}) {
    const auto held = held_directory::open(path);
    ASSERT_FALSE(held) << path;
    EXPECT_EQ(held.error().code, errc::io_error);
    EXPECT_NE(held.error().message.find(path), std::string::npos) << held.error().message;
  }
}

TEST_F(held_directories, are_watched_and_told_of_once) {
  fs::create_directories("in/first");
  fs::create_directories("in/second");
  const auto first = held_directory::open("in/first").value();
  const auto second = held_directory::open("in/second").value();
  const auto watch_them = [&](std::promise<error>& told) {
    return std::make_unique<path_watch>(
        std::vector{first, second}, std::chrono::milliseconds{1},
        [&told](const error& failure) { told.set_value(failure); });  // throws a second time
  };
  std::promise<error> told;
  const auto watch = watch_them(told);
  fs::rename("in", "out");
  EXPECT_TRUE(told.get_future().get().message.starts_with("in/first"));
  // What others take to notice, the first could notice again in.
  for (unsigned others = 0; others < 5; ++others) {
    std::promise<error> later;
    const auto other = watch_them(later);
    later.get_future().wait();
  }
}

TEST_F(held_directories, are_watched_all_of_them) {
  fs::create_directory("first");
  fs::create_directory("second");
  std::promise<error> told;
  const path_watch watch{
      {held_directory::open("first").value(), held_directory::open("second").value()},
      std::chrono::milliseconds{1},
      [&told](const error& failure) { told.set_value(failure); }};
  fs::rename("second", "third");
  EXPECT_TRUE(told.get_future().get().message.starts_with("second"));
}

TEST_F(held_directories, are_not_waited_for_when_the_watch_ends) {
  fs::create_directory("data");
  const path_watch watch{{held_directory::open("data").value()},
                         std::chrono::hours{1},
                         [](const error& failure) { ADD_FAILURE() << failure.message; }};
}

}  // namespace
}  // namespace factord::storage::held_directory_test
