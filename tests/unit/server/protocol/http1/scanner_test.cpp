#include "server/protocol/http1/scanner.hpp"

#include <gtest/gtest.h>

#include <string>

namespace factord::protocol::http1::scanner_test {
namespace {

constexpr std::size_t no_limit = 1'000;

header_scanner::status scan(const std::string& header) {
  header_scanner scanner;
  return scanner.scan(header, no_limit);
}

bool is_printable(int byte) { return byte >= 0x20 && byte <= 0x7E; }

// Bytes are looked at in blocks of 8 where they can be: so each byte in each place of one, and of
// what is left behind the last.
TEST(scanner, every_byte_in_every_place_of_a_value) {
  for (int byte = 0; byte < 256; ++byte) {
    if (byte == '\r') continue;  // which ends the line
    const bool allowed = is_printable(byte) || byte == '\t' || byte >= 0x80;
    for (std::size_t at = 0; at < 19; ++at) {
      std::string value(19, 'v');
      value[at] = static_cast<char>(byte);
      EXPECT_EQ(scan("GET / HTTP/1.1\r\nname:" + value + "\r\n\r\n"),
                allowed ? header_scanner::status::complete : header_scanner::status::bad)
          << byte << " at " << at;
    }
  }
}

TEST(scanner, every_byte_in_every_place_of_a_request_line) {
  for (int byte = 0; byte < 256; ++byte) {
    if (byte == '\r') continue;
    for (std::size_t at = 0; at < 19; ++at) {
      std::string line(19, 'l');
      line[at] = static_cast<char>(byte);
      EXPECT_EQ(scan(line + "\r\n\r\n"),
                is_printable(byte) ? header_scanner::status::complete : header_scanner::status::bad)
          << byte << " at " << at;
    }
  }
}

// Wherever the input is cut, and wherever the limit is, the same bytes are looked at.
TEST(scanner, cut_anywhere) {
  const std::string header = "GET /a/long/enough/target HTTP/1.1\r\nhost: some.where.else\r\n\r\n";
  for (std::size_t cut = 0; cut <= header.size(); ++cut) {
    header_scanner scanner;
    const auto begun = scanner.scan(std::string_view{header}.substr(0, cut), no_limit);
    EXPECT_EQ(begun, cut < header.size() ? header_scanner::status::more
                                         : header_scanner::status::complete);
    EXPECT_EQ(scanner.size(), cut);
    EXPECT_EQ(scanner.scan(header + "rest", no_limit), header_scanner::status::complete);
    EXPECT_EQ(scanner.size(), header.size());
  }
}

TEST(scanner, limits) {
  const std::string header = "GET /a/long/enough/target HTTP/1.1\r\nhost: some.where.else\r\n\r\n";
  for (std::size_t limit = 1; limit <= header.size(); ++limit) {
    header_scanner scanner;
    const auto expected = limit == header.size()          ? header_scanner::status::complete
                          : limit < header.find("\n") + 1 ? header_scanner::status::line_too_long
                                                          : header_scanner::status::too_long;
    EXPECT_EQ(scanner.scan(header, limit), expected) << limit;
    EXPECT_EQ(scanner.size(), limit);
  }
}

}  // namespace
}  // namespace factord::protocol::http1::scanner_test
