#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace factord::protocol {

/// An answer of any HTTP version. The codec adds what every answer carries: Date, Server,
/// Cache-Control, X-Content-Type-Options, Content-Length and what its version needs.
struct response {
  struct header {
    std::string_view name;  ///< static; as written on the wire, e.g. "WWW-Authenticate"
    std::string value;      ///< no CR, LF or NUL (codecs check)
  };

  unsigned status = 200;
  std::string_view content_type = "application/json";  ///< static; left out where the body is empty
  std::vector<header> headers;                         ///< beyond those of every answer
  std::string body;

  void clear() {
    status = 200;
    content_type = "application/json";
    headers.clear();
    body.clear();
  }
};

}  // namespace factord::protocol
