#include "server/config_file.hpp"

#include <gtest/gtest.h>

namespace factord {
namespace {

TEST(config_file_test, everything_it_knows) {
  const auto items = parse_config_file(
      "# a comment\r\n"
      "\n"
      "data-dir = \"/var/lib/a # b, c\"  # and another\n"
      "  threads=4\r\n"
      "path = 'C:\\raw'\n"
      "quoted = \"a \\\"b\\\" \\\\\"\n"
      "listen = [ \"127.0.0.1:1\", 'unix:/x',  # two\n"
      "           # and a last one\n"
      "           \"[::1]:2\", ]\n"
      "none = []");
  ASSERT_TRUE(items);
  ASSERT_EQ(items->size(), 6U);
  EXPECT_EQ(items->at(0).key, "data-dir");
  EXPECT_EQ(items->at(0).values, std::vector<std::string>{"/var/lib/a # b, c"});
  EXPECT_TRUE(items->at(0).is_text);
  EXPECT_EQ(items->at(0).line, 3U);
  EXPECT_EQ(items->at(1).values, std::vector<std::string>{"4"});
  EXPECT_FALSE(items->at(1).is_text);
  EXPECT_EQ(items->at(2).values, std::vector<std::string>{"C:\\raw"});
  EXPECT_EQ(items->at(3).values, std::vector<std::string>{"a \"b\" \\"});
  EXPECT_EQ(items->at(4).values, (std::vector<std::string>{"127.0.0.1:1", "unix:/x", "[::1]:2"}));
  EXPECT_TRUE(items->at(4).is_array);
  EXPECT_TRUE(items->at(5).values.empty());
  EXPECT_EQ(items->at(5).line, 10U);
}

TEST(config_file_test, nothing_is_nothing) {
  for (const char* text : {"", "\n", "# only this", "   "}) {
    const auto items = parse_config_file(text);
    ASSERT_TRUE(items) << text;
    EXPECT_TRUE(items->empty());
  }
}

struct bad_file {
  const char* text;
  const char* message;
};

TEST(config_file_test, what_is_wrong_is_named_with_its_line) {
  for (const bad_file& one : std::vector<bad_file>{
           {"threads", "line 1: '=' is needed after 'threads'"},
           {"\nthreads =", "line 2: 'threads' needs a number, or a string in quotes"},
           {"threads = 1 2", "line 1: the line goes on after its value"},
           {"a = \"b", "line 1: 'a' needs a number, or a string in quotes"},
           {"a = \"b\\n\"", "line 1: 'a' needs a number, or a string in quotes"},
           {"a = \"b\" c", "line 1: the line goes on after its value"},
           {"[section]", "line 1: a key is needed (there are no sections)"},
           {"= 1", "line 1: a key is needed (there are no sections)"},
           {"a = 1\na = 2", "line 2: 'a' is given twice"},
           {"a = [1", "line 1: ',' or ']' is needed"},
           {"a = [\n1 2]", "line 2: ',' or ']' is needed"},
           {"a = [,]", "line 1: a value or ']' is needed"},
           {"a = [[1]]", "line 1: a value or ']' is needed"}}) {
    SCOPED_TRACE(one.text);
    const auto items = parse_config_file(one.text);
    ASSERT_FALSE(items);
    EXPECT_EQ(items.error().code, errc::bad_argument);
    EXPECT_EQ(items.error().message, one.message);
  }
}

}  // namespace
}  // namespace factord
