#include "bench/micro/sample.hpp"

namespace factord::bench {

scattered_users::scattered_users(std::uint64_t users)
    : ids_(id_range::make(first_id, users).value()), order_(users) {}

const std::string& scattered_users::next() {
  id_.clear();
  ids_.append(id_, order_.at(position_++));
  return id_;
}

std::string removal_request(std::string_view user_id, std::string_view token) {
  std::string bytes = "DELETE /v2/users/";
  bytes.append(user_id).append("/otp_email HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n");
  bytes.append("Authorization: Bearer ").append(token).append("\r\n\r\n");
  return bytes;
}

}  // namespace factord::bench
