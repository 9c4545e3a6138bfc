#include "server/config/file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace factord::file_test {
namespace {

TEST(config_file_test, everything_it_knows) {
  const auto items = parse_config_file(
      "# a comment\r\n"
      "\n"
      "data-dir = \"/var/lib/a # b, c\"  # and another\n"
      "  threads=4\r\n"
      "path = 'C:\\raw'\n"
      "quoted = \"a \\\"b\\\" \\\\\\u00e9\"\n"
      "listen = [ \"127.0.0.1:1\", 'unix:/x',  # two\n"
      "           # and a last one\n"
      "           \"[::1]:2\", ]\n"
      "none = []\n"
      "hex = 0x1_0\n"
      "share = 0.25\n"
      "yes = true\n"
      "\"a key\" = [1, 'b', false]");
  ASSERT_TRUE(items) << items.error().message;
  ASSERT_EQ(items->items.size(), 10U);
  EXPECT_EQ(items->items.at(0).key, "data-dir");
  EXPECT_EQ(items->items.at(0).values, std::vector<std::string>{"/var/lib/a # b, c"});
  EXPECT_TRUE(items->items.at(0).is_text);
  EXPECT_EQ(items->items.at(0).line, 3U);
  EXPECT_EQ(items->items.at(1).values, std::vector<std::string>{"4"});
  EXPECT_FALSE(items->items.at(1).is_text);
  EXPECT_EQ(items->items.at(2).values, std::vector<std::string>{"C:\\raw"});
  EXPECT_EQ(items->items.at(3).values, std::vector<std::string>{"a \"b\" \\\u00e9"});
  EXPECT_EQ(items->items.at(4).values,
            (std::vector<std::string>{"127.0.0.1:1", "unix:/x", "[::1]:2"}));
  EXPECT_TRUE(items->items.at(4).is_array);
  EXPECT_TRUE(items->items.at(4).is_text);
  EXPECT_TRUE(items->items.at(5).values.empty());
  EXPECT_EQ(items->items.at(5).line, 10U);
  EXPECT_EQ(items->items.at(6).values, std::vector<std::string>{"16"});
  EXPECT_EQ(items->items.at(7).values, std::vector<std::string>{"0.25"});
  EXPECT_FALSE(items->items.at(7).is_text);
  EXPECT_EQ(items->items.at(8).values, std::vector<std::string>{"true"});
  EXPECT_FALSE(items->items.at(8).is_text);
  EXPECT_EQ(items->items.at(9).key, "a key");
  EXPECT_EQ(items->items.at(9).values, (std::vector<std::string>{"1", "b", "false"}));
  EXPECT_FALSE(items->items.at(9).is_text);
}

TEST(config_file_test, sections_may_be_repeated) {
  const auto file = parse_config_file(
      "a = 1\n"
      "[[jwt]]\n"
      "b = \"2\"\n"
      "map = { \"x y\" = \"3\", z = '4' }\n"
      "[[jwt]]\n"
      "[jwt.map]\n"
      "c = \"5\"\n"
      "[[jwt]]\n");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->items.size(), 1U);
  ASSERT_EQ(file->sections.size(), 3U);
  EXPECT_EQ(file->sections[0].line, 2U);
  ASSERT_EQ(file->sections[0].items.size(), 2U);
  EXPECT_FALSE(file->sections[0].items[0].is_map);
  const file_item& map = file->sections[0].items[1];
  EXPECT_TRUE(map.is_map && map.is_text && !map.is_array);
  EXPECT_EQ(map.line, 4U);
  EXPECT_EQ(map.values, (std::vector<std::string>{"x y=3", "z=4"}));
  EXPECT_EQ(file->sections[1].line, 5U);
  EXPECT_EQ(file->sections[1].items.at(0).values, std::vector<std::string>{"c=5"});
  EXPECT_TRUE(file->sections[2].items.empty());
}

TEST(config_file_test, nothing_is_nothing) {
  for (const char* text : {"", "\n", "# only this", "   "}) {
    const auto items = parse_config_file(text);
    ASSERT_TRUE(items) << text;
    EXPECT_TRUE(items->items.empty());
  }
}

struct bad_file {
  std::string_view text;
  const char* begin;  ///< of the message
  const char* part;   ///< of the rest
};

TEST(config_file_test, what_is_wrong_is_named_with_its_line) {
  for (const bad_file& one : std::vector<bad_file>{
           {"threads", "line 1: ", "end-of-file"},
           {"\nthreads =", "line 2: ", "end-of-file"},
           {"threads = 1 2", "line 1: ", "saw '2'"},
           {"size = 1KiB", "line 1: ", "expected digit, saw 'K'"},
           {"a = 99999999999999999999", "line 1: ", "not representable"},
           {"a = \"b", "line 1: ", "end-of-file"},
           {"a = \"b\n\"", "line 1: ", "control characters"},
           {"a = \"b\" c", "line 1: ", "saw 'c'"},
           {"= 1", "line 1: ", "saw '='"},
           {"a = 1\na = 2", "line 2: ", "cannot redefine existing integer 'a'"},
           {"a = [1", "line 1: ", "end-of-file"},
           {"a = [\n1 2]", "line 2: ", "expected comma"},
           {"a = [,]", "line 1: ", "saw comma"},
           {"\xff = 1", "line 1: ", "utf-8"},
           {"a = [\n[1]]", "line 2: ", "'a' needs a number, true or false, or a string in quotes"},
           {"\na = 07:30:00",
            "line 2: ", "'a' needs a number, true or false, or a string in quotes"},
           {"a = 2024-01-01",
            "line 1: ", "'a' needs a number, true or false, or a string in quotes"},
           {"a = \"b\\u0000c\"", "line 1: ", "'a' holds U+0000"},
           {"\n[section]\na = 1", "line 2: ", "there are no sections: 'section'"},
           {"section.a = 1", "line 1: ", "there are no sections: 'section'"},
           {"[[sections]]\na = 1", "line 1: ", "'sections' needs a number"},
           {"a = 1\n[jwt]\nb = 1", "line 2: ", "write [[jwt]]"},
           {"jwt = { a = 1 }", "line 1: ", "write [[jwt]]"},
           {"[[jwt]]\na = { b = 1 }", "line 2: ", "'a' maps names to strings in quotes"},
           {"[[jwt]]\na = { b = { c = \"d\" } }", "line 2: ", "'a' maps names to strings"},
           {"[[jwt]]\na = [[1]]", "line 2: ", "'a' needs a number, true or false"},
           {"[[jwt]]\na = 1\na = 2", "line 3: ", "cannot redefine existing integer 'a'"},
           {"[[jwt]]\n[[jwt.jwt]]\na = 1", "line 2: ", "'jwt' needs a number, true or false"}}) {
    SCOPED_TRACE(one.text);
    const auto items = parse_config_file(one.text);
    ASSERT_FALSE(items);
    EXPECT_EQ(items.error().code, errc::bad_argument);
    EXPECT_THAT(items.error().message, ::testing::StartsWith(one.begin));
    EXPECT_THAT(items.error().message, ::testing::HasSubstr(one.part));
  }
}

}  // namespace
}  // namespace factord::file_test
