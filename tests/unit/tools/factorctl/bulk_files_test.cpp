#include "tools/factorctl/bulk_files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "tests/unit/support/temp_directory.hpp"

namespace factord::ctl::bulk_files_test {
namespace {

using std::filesystem::path;
using ::testing::HasSubstr;

void write(const path& to, const std::string& text) { std::ofstream(to, std::ios::binary) << text; }

std::string read(const path& from) {
  std::ifstream in(from, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(bulk_files, a_file_of_lines_is_read_without_its_byte_order_mark) {
  const temp_directory home;
  const path file = home.path() / "file";
  for (const std::string& text :
       {std::string(), std::string("a\0b\n", 4), std::string(200'000, 'x')}) {
    write(file, text);
    EXPECT_EQ(read_lines(file).value(), text);
    write(file, "\xEF\xBB\xBF" + text);
    EXPECT_EQ(read_lines(file).value(), text);
  }
  write(file, "\xEF\xBB\xBF\xEF\xBB\xBFx");
  EXPECT_EQ(read_lines(file).value(), "\xEF\xBB\xBFx");
  write(file, "\xEF\xBB");
  EXPECT_EQ(read_lines(file).value(), "\xEF\xBB");
}

TEST(bulk_files, what_cannot_be_read_is_said_with_its_name_and_why) {
  const temp_directory home;
  EXPECT_EQ(read_lines(home.path()).error().message,
            "cannot read " + home.path().string() + ": Is a directory");
  EXPECT_EQ(read_lines(home.path() / "none").error().message,
            "cannot read " + (home.path() / "none").string() + ": No such file or directory");
}

TEST(bulk_files, one_file_by_two_names_is_refused) {
  const temp_directory home;
  const path from = home.path() / "from";
  const path failures = home.path() / "failures";
  const path codes = home.path() / "codes";
  write(from, "x\n");
  EXPECT_TRUE(check_apart(from, failures, codes));
  EXPECT_TRUE(check_apart(from, failures, {}));
  const auto refused = [](const result<void>& outcome, const std::string& why) {
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, errc::bad_argument);
    EXPECT_THAT(outcome.error().message, HasSubstr(why));
  };
  // There, or not yet.
  refused(check_apart(from, from, codes), "failures would overwrite");
  refused(check_apart(from, failures, from), "codes would go into");
  refused(check_apart(from, failures, home.path() / "." / "failures"), "into one file");
  std::filesystem::create_symlink(from, failures);
  refused(check_apart(from, failures, codes), failures.string());
  std::filesystem::create_hard_link(from, codes);
  refused(check_apart(from, home.path() / "other", codes), codes.string());
  EXPECT_TRUE(check_apart("/dev/null", "/dev/null", "/dev/null"));
}

TEST(bulk_files, lines_go_behind_those_that_are_there) {
  const temp_directory home;
  const path at = home.path() / "lines";
  for (const char* const text : {"a\n", "b\n"}) {
    line_file file(at, "--x");
    EXPECT_TRUE(file.open_if_there());
    EXPECT_TRUE(file.append(text));
  }
  EXPECT_EQ(read(at), "a\nb\n");
  line_file file(at, "--x");
  EXPECT_TRUE(file.open());
  EXPECT_TRUE(file.clear());
  EXPECT_EQ(read(at), "");
  EXPECT_TRUE(file.append("c\n"));
  EXPECT_TRUE(file.append("d\n"));
  EXPECT_EQ(read(at), "c\nd\n");
}

TEST(bulk_files, one_without_lines_is_not_left) {
  const temp_directory home;
  const path at = home.path() / "lines";
  { EXPECT_TRUE(line_file(at, "--x").open_if_there()); }
  EXPECT_FALSE(exists(at));
  { EXPECT_TRUE(line_file(at, "--x").open()); }
  EXPECT_FALSE(exists(at));
  write(at, "a\n");
  { EXPECT_TRUE(line_file(at, "--x").open()); }
  EXPECT_EQ(read(at), "a\n");
  {
    line_file file(at, "--x");
    EXPECT_TRUE(file.open_if_there());
    EXPECT_TRUE(file.clear());
  }
  EXPECT_FALSE(exists(at));
  // What a link leads to is emptied, and stays.
  write(home.path() / "target", "a\n");
  create_symlink(home.path() / "target", at);
  {
    line_file file(at, "--x");
    EXPECT_TRUE(file.open_if_there());
    EXPECT_TRUE(file.clear());
  }
  EXPECT_EQ(read(home.path() / "target"), "");
  EXPECT_TRUE(exists(at));
}

TEST(bulk_files, what_cannot_be_written_is_said_with_its_name_and_why) {
  const temp_directory home;
  EXPECT_EQ(line_file(home.path(), "--x").open_if_there().error().message,
            "cannot write " + home.path().string() + ": Is a directory (--x names another file)");
  const path none = home.path() / "none" / "x";
  EXPECT_TRUE(line_file(none, "--x").open_if_there());
  EXPECT_EQ(
      line_file(none, "--x").append("x").error().message,
      "cannot write " + none.string() + ": No such file or directory (--x names another file)");
  EXPECT_EQ(line_file("/dev/full", "--x").append("x").error().message,
            "cannot write /dev/full: No space left on device (--x names another file)");
}

}  // namespace
}  // namespace factord::ctl::bulk_files_test
