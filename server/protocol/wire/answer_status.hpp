#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace factord::protocol {

/// A status that this program answers with. It has a reason phrase, and the compiler sees to that:
/// a status without one cannot be written down.
class answer_status {
 public:
  /// None yet.
  constexpr answer_status() = default;
  /// From a literal (implicit, so that one can be written as a number).
  consteval answer_status(unsigned value) : value_(static_cast<std::uint16_t>(value)) {
    if (reason().empty()) throw "this status has no reason phrase";
  }

  constexpr operator unsigned() const noexcept { return value_; }

  /// As the registry of HTTP has it (RFC 9110, section 15, and RFC 6585); 499 is nginx's.
  [[nodiscard]] constexpr std::string_view reason() const noexcept {
    const auto found = std::ranges::find(known, value_, &row::value);
    return found == known.end() ? std::string_view{} : found->reason;
  }

  /// RFC 9110, section 6.4.1.
  [[nodiscard]] constexpr bool allows_body() const noexcept {
    return value_ != 204 && value_ != 304;
  }

 private:
  struct row {
    std::uint16_t value;
    std::string_view reason;
  };
  static constexpr std::array known = std::to_array<row>({
      {200, "OK"},
      {201, "Created"},
      {204, "No Content"},
      {304, "Not Modified"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {417, "Expectation Failed"},
      {422, "Unprocessable Content"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {499, "Client Closed Request"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"},
  });

  std::uint16_t value_ = 0;
};

}  // namespace factord::protocol
