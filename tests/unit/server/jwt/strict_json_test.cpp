#include "server/jwt/strict_json.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <string>

namespace factord::jwt::strict_json_test {
namespace {

std::string fault(std::string_view text) {
  const auto read = parse_strict_json(text);
  return read ? std::string() : read.error().message;
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(strict_json, reads_what_it_was_given) {
  for (const char* text : {"{}", "[]", R"("text")", "12", "-3", "null", "true",
                           R"({"a":[1,2,{"b":"c"}],"b":{"a":null}})", R"({"a":{"a":{"a":1}}})",
                           R"([{"a":1},{"a":2}])"}) {
    const auto read = parse_strict_json(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(boost::json::serialize(*read), text);
  }
  EXPECT_TRUE(parse_strict_json(" \r\n\t{ \"a\" : 1 } \n"));
  EXPECT_TRUE(parse_strict_json(R"(["\ud83d\ude00", "é"])"));
}

TEST(strict_json, refuses_what_is_none) {
  for (const char* text :
       {"",          " ",           "{",          "}",         "{} {}",    "{}x",
        "[1,]",      R"({"a":1,})", R"({a:1})",   "nul",       "NaN",      "Infinity",
        "01",        "1.",          ".5",         "+1",        "0x1",      "'a'",
        "// no\n{}", "/* no */{}",  R"({"a" 1})", R"({"a":})", R"({1:1})", "\xEF\xBB\xBF{}",
        "\"\x01\"",  "\"a\nb\"",    R"("\x")",    R"("\u12")"})
    EXPECT_NE(fault(text), "") << text;
}

TEST(strict_json, a_name_stands_once_in_its_object_at_any_depth) {
  const std::string twice = "invalid JSON: a member is there twice";
  for (const char* text :
       {R"({"a":1,"a":1})", R"({"a":1,"b":2,"a":3})", R"({"x":{"a":1,"a":2}})",
        R"([[[{"a":1,"a":2}]]])", R"({"a":{"a":1},"a":2})", R"({"a":1,"\u0061":2})",
        R"({"":1,"":2})", R"({"b":{"c":1},"c":{"b":1,"b":1}})"})
    EXPECT_EQ(fault(text), twice) << text;
  EXPECT_EQ(fault(R"({"a":1,"A":2,"b":{"a":1}})"), "");
}

TEST(strict_json, text_is_utf8_without_zeros) {
  const std::string zero = "invalid JSON: a text holds U+0000";
  EXPECT_EQ(fault(R"({"a":"\u0000"})"), zero);
  EXPECT_EQ(fault(R"({"\u0000":1})"), zero);
  EXPECT_EQ(fault(R"(["x\u0000y"])"), zero);
  EXPECT_NE(fault(std::string_view("\"a\0b\"", 5)), "");
  for (const char* text :
       {"\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xe2\x82\"",
        R"("\ud800")", R"("\udc00")", R"("\ud800\u0041")", R"("\ude00\ud83d")", "{\"\xff\":1}"})
    EXPECT_NE(fault(text), "") << text;
}

TEST(strict_json, is_as_deep_as_its_bound_and_no_deeper) {
  EXPECT_EQ(fault(nested(json_depth_max)), "");
  EXPECT_NE(fault(nested(json_depth_max + 1)), "");
  EXPECT_NE(fault(nested(100'000)), "");
}

TEST(strict_json, numbers_are_of_any_size) {
  EXPECT_TRUE(parse_strict_json("18446744073709551615")->is_uint64());
  EXPECT_TRUE(parse_strict_json("18446744073709551616")->is_double());
  EXPECT_TRUE(parse_strict_json("-9223372036854775808")->is_int64());
  EXPECT_TRUE(parse_strict_json("1e3")->is_double());
  EXPECT_TRUE(parse_strict_json("1.5")->is_double());
}

TEST(strict_json, a_text_is_found_where_it_is_one) {
  const auto read = parse_strict_json(R"({"a":"b","c":1})");
  const auto& object = read->get_object();
  EXPECT_EQ(*find_text(object, "a"), "b");
  EXPECT_EQ(find_text(object, "c"), nullptr);
  EXPECT_EQ(find_text(object, "d"), nullptr);
}

}  // namespace
}  // namespace factord::jwt::strict_json_test
