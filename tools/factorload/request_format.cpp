#include "tools/factorload/request_format.hpp"

namespace factord::load {

request_format::request_format(std::string_view authority, std::string_view token, id_range ids)
    : ids_(ids) {
  std::string tail = "/otp_email HTTP/1.1\r\nHost: ";
  tail.append(authority).append("\r\nAuthorization: Bearer ").append(token).append("\r\n");
  parts_[static_cast<std::size_t>(operation::remove)] = {"DELETE /v2/users/", tail + "\r\n"};
  parts_[static_cast<std::size_t>(operation::add)] = {"POST /v2/users/",
                                                      tail + "Content-Length: 0\r\n\r\n"};
}

void request_format::append(std::string& out, const request& what) const {
  const parts& around = parts_[static_cast<std::size_t>(what.what)];
  out += around.before_id;
  ids_.append(out, what.id_index);
  out += around.after_id;
}

}  // namespace factord::load
