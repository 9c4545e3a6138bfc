#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <vector>

/// Lines of bulks, as clients write and read them.
namespace factord::protocol::bulk_testing {

using lines = std::vector<std::string>;

inline constexpr std::string_view bulk_path = "/v2/users/otp_email/_bulk_remove";
inline constexpr std::string_view addition_path = "/v2/users/human/_bulk_add";
inline constexpr std::string_view ndjson = "Content-Type: application/x-ndjson\r\n";
inline constexpr std::string_view no_factor =
    R"-("status":404,"error":{"code":5,"message":"Multifactor OTP (OneTimePassword) doesn't exist )-"
    R"-((COMMAND-b312D)","details":[{"@type":"type.googleapis.com/zitadel.v1.ErrorDetail",)-"
    R"-("id":"COMMAND-b312D","message":"Multifactor OTP (OneTimePassword) doesn't exist"}]})-";

inline std::string line_of(std::string_view id) {
  return R"({"userId":")" + std::string(id) + "\"}\n";
}
inline std::string done(std::string_view id, std::uint64_t sequence) {
  return R"({"userId":")" + std::string(id) + R"(","status":200,"sequence":")" +
         std::to_string(sequence) + "\"}";
}
inline std::string absent(std::string_view id) {
  return R"({"userId":")" + std::string(id) + "\"," + std::string(no_factor) + "}";
}
inline std::string chunk(std::string_view bytes) {
  std::array<char, 16> size;
  const auto stop = std::to_chars(size.data(), size.data() + size.size(), bytes.size(), 16).ptr;
  return std::string(size.data(), stop).append("\r\n").append(bytes).append("\r\n");
}
inline lines split(std::string_view text) {
  lines found;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    EXPECT_NE(end, text.npos) << "a line was cut: " << text;
    found.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end, text.size() - 1) + 1);
  }
  return found;
}

}  // namespace factord::protocol::bulk_testing
