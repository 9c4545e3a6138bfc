#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/service/operation.hpp"

namespace factord::testing {

/// What the client of connection_world asks. Each request is of a user of its own, "r<number>", so
/// that it is known wherever it is seen; but for `remove_known`, which all remove the factor of
/// "known".
enum class ask : std::uint8_t {
  remove,
  remove_known,
  remove_as_nobody,    ///< with a token that is none
  remove_as_stranger,  ///< with one that may do nothing
  get,
  add,
  lock_chunked,
  live,
  live_head,
  connect_remove,
  too_large,  ///< its body is: that ends the connection
  last,       ///< with "Connection: close"
  watch,      ///< answered in parts, until the connection ends
  bulk,       ///< read and answered in parts (connection_bulk.hpp)
  count_,     ///< none: how many there are
};

struct request_sent {
  std::size_t number = 0;
  ask what = ask::remove;
};

struct answer_parts {
  unsigned status = 0;
  std::string body;
};

/// Tokens, as requests name them.
struct token_names {
  std::string owner;
  std::string stranger;
};

/// One request for whichever version of HTTP.
struct request_form {
  std::string method;
  std::string path;
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;
  bool chunked = false;  ///< and this: of HTTP/1.1 only
  bool close = false;
};
[[nodiscard]] request_form form_of(const request_sent& sent, const token_names& tokens);
[[nodiscard]] std::string to_http1(const request_form& form);

/// The user that the request names: in calls and events nobody else's.
[[nodiscard]] std::string user_of(const request_sent& sent);
/// The operation that it is; empty where it never becomes a call.
[[nodiscard]] std::optional<service::operation> operation_of(ask what);

/// True where `answer` is one to this request, whatever the store and the queue were like.
[[nodiscard]] bool answers(const answer_parts& answer, const request_sent& sent);
/// No request after it is taken on HTTP/1.1.
[[nodiscard]] bool ends_connection(ask what);

/// The first answer in `bytes`, without interim ones, which are taken off; `head` where it has no
/// body. Nothing while its header is not whole.
struct http1_answer {
  answer_parts parts;
  std::size_t bytes = 0;  ///< 0: its body is not whole; `parts` has what there is of one in chunks
};
[[nodiscard]] std::optional<http1_answer> find_http1_answer(std::string& bytes, bool head);

}  // namespace factord::testing
