#include "tools/factorload/response_parser.hpp"

#include <gtest/gtest.h>

#include <string>

namespace factord::load::response_parser_test {
namespace {

struct good_response {
  const char* bytes;
  int status;
  bool closes;
};

constexpr good_response good[] = {
    {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200, false},
    {"HTTP/1.1 404 Not Found\r\nServer: x\r\ncontent-length:0\r\nDate: y\r\n\r\n", 404, false},
    {"HTTP/1.0 503 \r\nCONNECTION: Close\r\nContent-Length: 3 \r\n\r\nabc", 503, true},
    {"HTTP/1.1 500 E\r\nConnection: keep-alive\r\nContent-Length:\t1\r\n\r\nx", 500, false},
    {"HTTP/1.1 204 No Content\r\n\r\n", 204, false},
    {"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, false},
    {"HTTP/1.1 200 OK\r\nX: \r\nContent-Length: 4\r\n\r\n\r\n\r\n", 200, false},
};

TEST(response_parser, reads_what_is_whole) {
  for (const good_response& each : good) {
    const std::string bytes = each.bytes;
    const auto parsed = parse_response(bytes);
    EXPECT_EQ(parsed.state, parse_state::complete) << bytes;
    EXPECT_EQ(parsed.status, each.status) << bytes;
    EXPECT_EQ(parsed.closes, each.closes) << bytes;
    EXPECT_EQ(parsed.length, bytes.size()) << bytes;
  }
}

TEST(response_parser, waits_at_every_split) {
  for (const good_response& each : good) {
    const std::string bytes = each.bytes;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_EQ(parse_response(bytes.substr(0, size)).state, parse_state::need_more)
          << bytes << size;
    }
  }
}

TEST(response_parser, stops_where_the_next_one_starts) {
  for (const good_response& each : good) {
    const std::string bytes = each.bytes;
    for (std::size_t size = 1; size <= bytes.size(); ++size) {
      const auto parsed = parse_response(bytes + bytes.substr(0, size));
      EXPECT_EQ(parsed.state, parse_state::complete);
      EXPECT_EQ(parsed.length, bytes.size());
    }
  }
}

TEST(response_parser, refuses_what_it_cannot_frame) {
  for (const char* bad : {
           "\r\n\r\n",
           "HTTP/1.1\r\n\r\n",
           "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n",
           "HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n",
           "HTTP/1.1 600 No\r\nContent-Length: 0\r\n\r\n",
           "HTTP/1.1 100 Continue\r\n\r\n",
           "HTTP/1.1 200 OK\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: 0\r\n\r\n",
       }) {
    EXPECT_EQ(parse_response(bad).state, parse_state::malformed) << bad;
  }
}

TEST(response_parser, bounds_what_it_waits_for) {
  EXPECT_EQ(parse_response(std::string(response_part_max - 1, 'x')).state, parse_state::need_more);
  EXPECT_EQ(parse_response(std::string(response_part_max, 'x')).state, parse_state::malformed);
}

}  // namespace
}  // namespace factord::load::response_parser_test
