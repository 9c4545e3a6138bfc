#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "server/service/request_context.hpp"

namespace factord::protocol {

/// Names requests: by what they bring in X-Request-Id, where that is a token (RFC 9110, section
/// 5.6.2) of at most 128 characters, else by 32 hexadecimal digits, of which half were drawn and
/// half count. One thread's.
class request_names {
 public:
  explicit request_names(std::uint64_t drawn) noexcept;

  void name(std::string_view sent, service::request_name& out) noexcept;

 private:
  std::array<char, 32> newest_;
};

}  // namespace factord::protocol
