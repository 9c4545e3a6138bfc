#pragma once

#include <string>
#include <string_view>

#include "server/protocol/wire/response.hpp"

namespace factord::protocol::http1 {

/// What the request decides about the form of its answer.
struct answer_form {
  bool head = false;    ///< HEAD: the header of a GET, no body
  bool http10 = false;  ///< a client that must be told when the connection stays open
  bool close = false;   ///< the last answer of the connection
  bool begun = false;   ///< a part of it was appended before
};

/// Appends one complete answer to `out`, or a part of one (response::more): the first brings the
/// header, all of them chunks (RFC 9112, section 7.1), the last the end of the body. Checks that no
/// header value can end its line, and that no client of HTTP/1.0 is sent parts.
void append_answer(std::string& out, const response& answer, answer_form form,
                   std::string_view date);

/// Appends the interim answer to `Expect: 100-continue`.
void append_continue(std::string& out);

}  // namespace factord::protocol::http1
