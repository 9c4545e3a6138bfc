#include "server/protocol/wire/request.hpp"
#include "storage/base/enum_table.hpp"

#include <gtest/gtest.h>

namespace factord::protocol::request_test {
namespace {

TEST(request_test, every_field_is_found_by_its_name_in_any_case) {
  for (std::size_t i = 0; i < count_of<field>; ++i) {
    const auto which = static_cast<field>(i);
    std::string text(name(which));
    EXPECT_EQ(find_field(text), which);
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
    EXPECT_EQ(find_field(text), which);
    EXPECT_EQ(find_field(text + "x"), std::nullopt);
    text.pop_back();
    EXPECT_EQ(find_field(text), std::nullopt);
  }
  EXPECT_EQ(name(field::zitadel_org_id), "x-zitadel-orgid");
}

TEST(request_test, absent_and_empty_are_two_things) {
  request one;
  EXPECT_FALSE(one.has(field::origin));
  one.add(field::origin, "");
  EXPECT_TRUE(one.has(field::origin));
  EXPECT_EQ(one.value(field::origin), "");
}

TEST(request_test, several_lines_are_joined) {
  request one;
  one.add(field::origin, "a");
  one.add(field::origin, "b");
  EXPECT_EQ(one.value(field::origin), "a, b");
}

TEST(request_test, a_second_line_of_what_must_be_one_is_a_fault) {
  for (const field which : {field::authorization, field::zitadel_org_id, field::connect_timeout_ms,
                            field::grpc_timeout, field::idempotency_key}) {
    request one;
    one.add(which, "a");
    EXPECT_EQ(one.refused.status, 0U) << name(which);
    one.add(which, "a");
    EXPECT_EQ(one.refused.status, 400U) << name(which);
    EXPECT_TRUE(one.refused.message.starts_with("more than one ")) << name(which);
    one.clear();
    one.add(which, "a");
    EXPECT_EQ(one.refused.status, 0U) << name(which);
  }
}

TEST(request_test, of_some_fields_only_the_presence_is_kept) {
  request one;
  const std::size_t empty = one.held_bytes();
  for (std::size_t i = field_values; i < count_of<field>; ++i) {
    const auto which = static_cast<field>(i);
    EXPECT_FALSE(one.has(which));
    one.add(which, std::string(1'000, 'a'));
    EXPECT_TRUE(one.has(which));
    EXPECT_EQ(one.value(which), "");
  }
  EXPECT_EQ(one.held_bytes(), empty);
  one.clear();
  EXPECT_FALSE(one.has(field::range));
}

TEST(request_test, clear_forgets_everything) {
  request one;
  one.id = 7;
  one.method = verb::get;
  one.target = "/";
  one.body = "b";
  one.add(field::origin, "a");
  one.clear();
  EXPECT_EQ(one.id, 0U);
  EXPECT_EQ(one.method, verb::other);
  EXPECT_EQ(one.target, "");
  EXPECT_EQ(one.body, "");
  EXPECT_FALSE(one.has(field::origin));
  EXPECT_EQ(one.value(field::origin), "");
}

TEST(request_test, counts_the_memory_of_its_fields) {
  request sent;
  const std::size_t empty = sent.held_bytes();
  sent.add(field::authorization, "short");
  EXPECT_EQ(sent.held_bytes(), empty);
  sent.add(field::authorization, std::string(1'000, 'a'));
  sent.add(field::origin, std::string(8'000, 'o'));
  EXPECT_GE(sent.held_bytes(), empty + 9'000);
  sent.clear();
  EXPECT_LT(sent.held_bytes(), empty + 4'096) << "what is large is given back";
  sent.add(field::origin, "o");
  sent.clear();
  EXPECT_LT(sent.held_bytes(), empty + 4'096);
}

}  // namespace
}  // namespace factord::protocol::request_test
