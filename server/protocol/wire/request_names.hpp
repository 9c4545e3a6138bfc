#pragma once

#include <cstdint>
#include <string_view>

#include "server/service/request_context.hpp"

namespace factord::protocol {

/// Names requests: by what they bring in X-Request-Id, where that is a token (RFC 9110, section
/// 5.6.2) of at most 128 characters, else by 32 hexadecimal digits, of which half were drawn and
/// half count. One thread's.
class request_names {
 public:
  explicit request_names(std::uint64_t drawn) noexcept : drawn_(drawn) {}

  void name(std::string_view sent, service::request_name& out) noexcept;

 private:
  const std::uint64_t drawn_;
  std::uint64_t made_ = 0;
};

}  // namespace factord::protocol
