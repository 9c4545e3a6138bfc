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
};

/// Appends one complete answer to `out`. Checks that no header value can end its line.
void append_answer(std::string& out, const response& answer, answer_form form,
                   std::string_view date);

/// Appends the interim answer to `Expect: 100-continue`.
void append_continue(std::string& out);

}  // namespace factord::protocol::http1
