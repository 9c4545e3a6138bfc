#include <gtest/gtest.h>

#include <vector>

#include "server/protocol/messages/endpoint.hpp"

namespace factord::protocol::endpoint_table_test {
namespace {

using service::operation;
using service::operation_count;

std::vector<endpoint> all_rows() { return {endpoints().begin(), endpoints().end()}; }

TEST(endpoint_table, is_complete) { EXPECT_TRUE(is_complete(all_rows())); }

// Each of these is what the compiler refuses (endpoint_table.cpp).
TEST(endpoint_table, misses_no_row_and_has_none_twice) {
  for (std::size_t i = 0; i < operation_count; ++i) {
    auto missing = all_rows();
    missing.erase(missing.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_FALSE(is_complete(missing)) << i;
    auto doubled = all_rows();
    doubled.insert(doubled.begin() + static_cast<std::ptrdiff_t>(i), doubled[i]);
    EXPECT_FALSE(is_complete(doubled)) << i;
    auto instead = all_rows();
    instead[i] = instead[(i + 1) % operation_count];
    EXPECT_FALSE(is_complete(instead)) << i;
  }
}

TEST(endpoint_table, has_no_two_in_one_place) {
  using enum operation;
  const auto collide = [](operation one, operation other) {
    auto rows = all_rows();
    endpoint& moved = rows[static_cast<std::size_t>(one)];
    const endpoint& there = rows[static_cast<std::size_t>(other)];
    moved.method = there.method;
    moved.path = there.path;
    moved.admin_path = there.admin_path;
    return !is_complete(rows);
  };
  EXPECT_TRUE(collide(lock_user, unlock_user));
  EXPECT_TRUE(collide(create_token, stats));
}

TEST(endpoint_table, has_whole_rows) {
  using enum operation;
  const auto broken = [](operation which, auto&& damage) {
    auto rows = all_rows();
    damage(rows[static_cast<std::size_t>(which)]);
    return !is_complete(rows);
  };
  EXPECT_TRUE(broken(lock_user, [](endpoint& row) { row.path = {}; }));
  EXPECT_TRUE(broken(lock_user, [](endpoint& row) { row.messages = {}; }));
  EXPECT_TRUE(broken(lock_user, [](endpoint& row) { row.read_path = read_stats; }));
  EXPECT_TRUE(broken(lock_user, [](endpoint& row) { row.write_json = nullptr; }));
  EXPECT_TRUE(broken(stats, [](endpoint& row) { row.read_path = nullptr; }));
  EXPECT_TRUE(broken(stats, [](endpoint& row) { row.admin_path = {}; }));
}

/// An answer in which all is set that any operation could say.
service::answer full_answer() {
  service::answer full;
  full.details = {.sequence = 7,
                  .change_date = from_micros(1),
                  .resource_owner = "acme",
                  .creation_date = from_micros(1)};
  full.user_id = "1";
  full.email_code = "ABCDEFGH";
  full.user.set_username("ada");
  full.otp_email = true;
  full.head.sequence = 7;
  full.head.created_at = from_micros(1);
  return full;
}

// A message that has a field of its own needs a write_answer of its own: without one the fields of
// commands were written, and nothing said that the rest is not.
TEST(endpoint_table, answers_fill_every_field_of_their_messages) {
  const service::answer full = full_answer();
  for (const endpoint& row : endpoints()) {
    if (!row.messages.is_rpc()) continue;
    const google::protobuf::Message& said = row.messages.answer(full);
    std::vector<const google::protobuf::FieldDescriptor*> set;
    said.GetReflection()->ListFields(said, &set);
    // There are no phone numbers here.
    const auto* never = said.GetDescriptor()->FindFieldByName("phone_code");
    EXPECT_EQ(set.size() + (never == nullptr ? 0 : 1),
              static_cast<std::size_t>(said.GetDescriptor()->field_count()))
        << said.GetDescriptor()->full_name() << ": " << said.ShortDebugString();
  }
}

}  // namespace
}  // namespace factord::protocol::endpoint_table_test
