#pragma once

#include <string>
#include <vector>

#include "server/protocol/wire/request.hpp"

namespace factord::protocol::testing {

struct expected_request {
  verb method;
  std::string target;
  std::string body = {};
};

/// What a stream of bytes means: the requests in it, and the status of the error that ends it
/// (0: none).
struct http1_vector {
  const char* name;
  std::string input;
  std::vector<expected_request> requests;
  unsigned error = 0;
};

/// With the default limits.
const std::vector<http1_vector>& http1_vectors();

}  // namespace factord::protocol::testing
