#include "tests/unit/server/protocol/http1/vectors.hpp"

#include <gtest/gtest.h>

#include "tests/unit/server/protocol/http1/driver.hpp"

namespace factord::protocol::testing::http1_vectors_test {
namespace {

constexpr std::string_view interim = "HTTP/1.1 100 Continue\r\n\r\n";

void expect_meaning(const http1_vector& vector, http1_driver& driver) {
  ASSERT_EQ(driver.requests().size(), vector.requests.size());
  for (std::size_t i = 0; i < vector.requests.size(); ++i) {
    EXPECT_EQ(driver.requests()[i].method, vector.requests[i].method);
    EXPECT_EQ(driver.requests()[i].target, vector.requests[i].target);
    EXPECT_EQ(driver.requests()[i].body, vector.requests[i].body);
    EXPECT_EQ(driver.requests()[i].authorization, "");
  }
  const std::size_t refused = vector.error == 0 ? 0 : 1;
  EXPECT_EQ(count(driver.output(), "HTTP/1.1 200 OK\r\n"), vector.requests.size());
  EXPECT_EQ(count(driver.output(), "HTTP/1.1 " + std::to_string(vector.error) + " "), refused);
  EXPECT_EQ(count(driver.output(), "{\"code\":3,\"message\":\""), refused);
  if (vector.error != 0) {
    EXPECT_TRUE(driver.codec().finished());
    EXPECT_TRUE(driver.codec().idle());
    EXPECT_TRUE(driver.pending().empty());
    EXPECT_EQ(count(driver.output(), "Connection: close\r\n"), 1U);
  }
}

TEST(http1_vectors_test, each_fed_whole) {
  for (const http1_vector& vector : http1_vectors()) {
    SCOPED_TRACE(vector.name);
    http1_driver driver;
    driver.feed(vector.input);
    expect_meaning(vector, driver);
  }
}

TEST(http1_vectors_test, each_fed_byte_by_byte) {
  for (const http1_vector& vector : http1_vectors()) {
    SCOPED_TRACE(vector.name);
    http1_driver driver;
    for (const char byte : vector.input) driver.feed({&byte, 1});
    expect_meaning(vector, driver);
  }
}

TEST(http1_vectors_test, each_fed_at_every_split_says_the_same) {
  for (const http1_vector& vector : http1_vectors()) {
    SCOPED_TRACE(vector.name);
    http1_driver whole;
    whole.feed(vector.input);
    const std::string expected = without(whole.output(), interim);
    for (std::size_t split = 0; split <= vector.input.size(); ++split) {
      SCOPED_TRACE(split);
      http1_driver driver;
      driver.feed(std::string_view(vector.input).substr(0, split));
      driver.feed(std::string_view(vector.input).substr(split));
      expect_meaning(vector, driver);
      EXPECT_EQ(without(driver.output(), interim), expected);
    }
  }
}

}  // namespace
}  // namespace factord::protocol::testing::http1_vectors_test
