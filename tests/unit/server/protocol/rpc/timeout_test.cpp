#include "server/protocol/rpc/timeout.hpp"

#include <gtest/gtest.h>

namespace factord::protocol::timeout_test {
namespace {

using namespace std::chrono_literals;

TEST(rpc_timeout, grpc_has_up_to_eight_digits_and_a_unit) {
  EXPECT_EQ(parse_grpc_timeout("1H"), 1h);
  EXPECT_EQ(parse_grpc_timeout("2M"), 2min);
  EXPECT_EQ(parse_grpc_timeout("3S"), 3s);
  EXPECT_EQ(parse_grpc_timeout("4m"), 4ms);
  EXPECT_EQ(parse_grpc_timeout("5u"), 5us);
  EXPECT_EQ(parse_grpc_timeout("5999n"), 5us);
  EXPECT_EQ(parse_grpc_timeout("999n"), 0us);
  EXPECT_EQ(parse_grpc_timeout("0S"), 0us);
  EXPECT_EQ(parse_grpc_timeout("99999999H"), 99'999'999h);
  for (const std::string_view text :
       {"", "H", "1", "1s", "1h", "123456789S", "-1S", "+1S", " 1S", "1 S", "1.5S", "1SS", "S1"}) {
    EXPECT_FALSE(parse_grpc_timeout(text)) << text;
  }
}

TEST(rpc_timeout, connect_has_up_to_ten_digits) {
  EXPECT_EQ(parse_connect_timeout("0"), 0us);
  EXPECT_EQ(parse_connect_timeout("1500"), 1500ms);
  EXPECT_EQ(parse_connect_timeout("9999999999"), 9'999'999'999ms);
  for (const std::string_view text : {"", "12345678901", "-1", "+1", "1m", " 1", "1.0"}) {
    EXPECT_FALSE(parse_connect_timeout(text)) << text;
  }
}

}  // namespace
}  // namespace factord::protocol::timeout_test
