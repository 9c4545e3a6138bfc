#include "server/protocol/wire/trace_context.hpp"

#include <gtest/gtest.h>

#include <string>

namespace factord::protocol::trace_context_test {
namespace {

const std::string trace = "0af7651916cd43dd8448eb211c80319c";
const std::string parent = "b7ad6b7169203331";
const std::string usual = "00-" + trace + "-" + parent + "-01";

struct reading {
  service::trace_context context;
  std::string state = "of before";

  explicit reading(std::string_view of, std::string_view sent_state = "") {
    context.known = true;  // of before, too
    read_trace(of, sent_state, context, state);
  }
};

TEST(trace_context, says_which_trace_and_who_asks) {
  const reading seen(usual);
  ASSERT_TRUE(seen.context.known);
  EXPECT_EQ(seen.context.trace(), trace);
  EXPECT_EQ(seen.context.parent(), parent);
  EXPECT_TRUE(seen.context.sampled);
  EXPECT_EQ(seen.state, "");
}

TEST(trace_context, of_the_flags_the_lowest_counts) {
  const std::string without = usual.substr(0, 53);
  EXPECT_FALSE(reading(without + "00").context.sampled);
  EXPECT_FALSE(reading(without + "fe").context.sampled);
  EXPECT_TRUE(reading(without + "ff").context.sampled);
}

TEST(trace_context, what_is_malformed_is_absent) {
  const std::string zeros(32, '0');
  for (const std::string& sent :
       {std::string(), usual.substr(0, 54), usual + "0", usual + "-", usual + "-00",
        "ff" + usual.substr(2), "0G" + usual.substr(2), "00-" + zeros + "-" + parent + "-01",
        "00-" + trace + "-" + zeros.substr(16) + "-01", "00_" + usual.substr(3),
        usual.substr(0, 35) + "_" + usual.substr(36), usual.substr(0, 52) + "_" + usual.substr(53),
        "00-0AF7651916CD43DD8448EB211C80319C-" + parent + "-01", usual.substr(0, 53) + "0A",
        "01" + usual.substr(2) + "x", usual + ", " + usual}) {
    EXPECT_FALSE(reading(sent, "a=1").context.known) << sent;
    EXPECT_EQ(reading(sent, "a=1").state, "") << sent;
  }
}

TEST(trace_context, of_a_later_version_counts_what_is_known) {
  EXPECT_TRUE(reading("01" + usual.substr(2)).context.known);
  EXPECT_TRUE(reading("fe" + usual.substr(2) + "-more").context.known);
}

TEST(trace_context, the_state_is_kept_as_sent_or_not_at_all) {
  std::string members = "k0=v";
  for (int i = 1; i < 32; ++i) members += ",k" + std::to_string(i) + "=v";
  const std::string longest = "a=" + std::string(510, 'b');
  for (const std::string& sent :
       {std::string("a=1"), std::string("a=1, b@c=2 ,,d=e=f"), members, longest})
    EXPECT_EQ(reading(usual, sent).state, sent);
  for (const std::string& sent :
       {std::string("a"), std::string("=1"), std::string("a="), std::string(", ,"),
        members + ",l=v", longest + "b", std::string("a=\x01"), std::string("a=\xC3\xA4")})
    EXPECT_EQ(reading(usual, sent).state, "") << sent;
  EXPECT_TRUE(reading(usual, "a").context.known) << "without its state it is a trace all the same";
}

}  // namespace
}  // namespace factord::protocol::trace_context_test
