#include <gtest/gtest.h>

#include "tests/unit/server/protocol/http1/driver.hpp"

namespace factord::protocol::testing::http1_limits_test {
namespace {

const limits defaults;

std::string header_of(std::size_t size) {
  const std::string begin = "GET / HTTP/1.1\r\nHost: h\r\nX: ";
  const std::string end = "\r\n\r\n";
  return begin + std::string(size - begin.size() - end.size(), 'x') + end;
}

// With nothing but its empty line behind it.
std::string line_of(std::size_t size, const std::string& target = "/") {
  const std::string begin = "GET " + target;
  const std::string end = " HTTP/1.1\r\n";
  return begin + std::string(size - begin.size() - end.size(), 't') + end + "\r\n";
}

std::string chunked_head() {
  return "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
}

struct bounded_input {
  const char* name;
  std::string input;
  unsigned error;
};

std::vector<bounded_input> cases() {
  const std::string body(defaults.body_bytes, 'b');
  // A trailer part of `size` bytes with its last chunk line and its last empty line.
  const auto trailer = [](std::size_t size) {
    return "0\r\nX: " + std::string(size - 10, 't') + "\r\n\r\n";
  };
  const auto extension = [](std::size_t size) {
    return "1;" + std::string(size - 4, 'e') + "\r\n";
  };
  const std::string room = chunked_head();
  return {
      {"header at the limit", header_of(8192), 0},
      {"header one past", header_of(8193), 431},
      {"target without an end", "GET /" + std::string(9000, 'a'), 414},
      {"fields without an end", "GET / HTTP/1.1\r\nX: " + std::string(9000, 'a'), 431},
      {"request line at the limit", line_of(8192), 431},
      {"request line one past", line_of(8193), 414},
      {"request line far past", line_of(9'500), 414},
      {"request line at the limit with its last empty line", line_of(8190), 400},
      {"absolute target one past", line_of(8193, "http://h/"), 414},
      {"nothing that is a request line", std::string(8192, 'x'), 414},
      {"header far past", header_of(100'000), 431},
      {"empty lines do not count", "\r\n" + header_of(8192), 0},
      {"body at the limit", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 65536\r\n\r\n" + body,
       0},
      {"body one past", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 65537\r\n\r\n" + body + "b",
       413},
      {"chunks at the limit",
       room + "8000\r\n" + body.substr(0, 32768) + "\r\n8000\r\n" + body.substr(0, 32768) +
           "\r\n0\r\n\r\n",
       0},
      {"chunks one past",
       room + "8000\r\n" + body.substr(0, 32768) + "\r\n8001\r\n" + body.substr(0, 32769) +
           "\r\n0\r\n\r\n",
       413},
      {"trailers at the limit", room + trailer(8192), 0},
      {"trailers one past", room + trailer(8193), 431},
      {"trailers after a body at the limit",
       room + "1000\r\n" + body.substr(0, 4096) + "\r\n" + trailer(8190), 0},
      {"trailers after a body one past",
       room + "1000\r\n" + body.substr(0, 4096) + "\r\n" + trailer(8191), 431},
      {"extension at the limit", room + extension(8192) + "x\r\n0\r\n\r\n", 0},
      {"extension one past", room + extension(8193) + "x\r\n0\r\n\r\n", 431},
      {"zeros without end", room + std::string(9000, '0'), 431},
  };
}

void expect_error(http1_driver& driver, unsigned error) {
  EXPECT_EQ(driver.requests().size(), error == 0 ? 1U : 0U);
  const std::string status = std::to_string(error == 0 ? 200 : error);
  EXPECT_TRUE(driver.output().starts_with("HTTP/1.1 " + status + " ")) << driver.output();
}

TEST(http1_limits_test, at_the_limit_and_one_past_fed_whole) {
  for (const bounded_input& one : cases()) {
    SCOPED_TRACE(one.name);
    http1_driver driver;
    driver.feed(one.input);
    expect_error(driver, one.error);
  }
}

TEST(http1_limits_test, at_the_limit_and_one_past_fed_byte_by_byte) {
  for (const bounded_input& one : cases()) {
    SCOPED_TRACE(one.name);
    http1_driver driver;
    for (const char byte : one.input) driver.feed({&byte, 1});
    expect_error(driver, one.error);
  }
}

TEST(http1_limits_test, smallest_chunks_pass) {
  std::string input = chunked_head();
  for (int i = 0; i < 20'000; ++i) input += "1\r\nx\r\n";
  http1_driver driver;
  driver.feed(input + "0\r\n\r\n");
  EXPECT_EQ(driver.requests().at(0).body.size(), 20'000U);
}

TEST(http1_limits_test, limits_are_configurable) {
  limits bounds;
  bounds.header_bytes = 100;
  bounds.body_bytes = 4;
  for (const auto& [input, error] : std::vector<std::pair<std::string, unsigned>>{
           {header_of(100), 0U},
           {header_of(101), 431U},
           {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nabcd", 0U},
           {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabcde", 413U}}) {
    http1_driver driver(bounds);
    driver.feed(input);
    expect_error(driver, error);
  }
}

}  // namespace
}  // namespace factord::protocol::testing::http1_limits_test
