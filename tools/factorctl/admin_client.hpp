#pragma once

#include <boost/json/value.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "storage/base/error.hpp"

namespace factord::ctl {

/// The running server's answer to one admin request.
struct admin_answer {
  unsigned status = 0;      ///< HTTP status
  boost::json::value body;  ///< null where there is none
};

/// One request over DIR/admin.sock, on a connection of its own: these are rare, and so a pause
/// between two (a slow reader of our output) costs nothing. `verb` is GET, POST or DELETE; `body`
/// is sent where it is not null. Blocks for at most 30 s without progress.
///
/// Fails with errc::unavailable where nobody listens there, or not to us, and says which
/// (tools/factorctl/unreachable.hpp); errc::io_error where the exchange
/// breaks or the answer is not JSON. Any HTTP status is an answer, not a failure.
[[nodiscard]] result<admin_answer> ask_server(const std::filesystem::path& data_dir,
                                              std::string_view verb, const std::string& target,
                                              const boost::json::value& body = nullptr);

/// The running server's answer to lines of JSON: lines too, where the status is 200.
struct line_answer {
  unsigned status = 0;
  std::string text;
  std::optional<error> cut;  ///< why it ends before its end, where it does
};

struct line_request {
  const std::string& target;
  const std::string& key;    ///< their Idempotency-Key
  const std::string& org;    ///< x-zitadel-orgid; empty: none
  const std::string& lines;  ///< of JSON, no more than a server reads ahead
};

/// POSTs lines; the answer is read behind them. Fails as ask_server() does, but for an answer that
/// breaks off: what it has said is done.
[[nodiscard]] result<line_answer> send_lines(const std::filesystem::path& data_dir,
                                             const line_request& what);

/// Whether a server listens there.
[[nodiscard]] bool is_answered(const std::filesystem::path& data_dir);

/// The body, as an object, of an answer that says yes. Otherwise the server's message as an error:
/// errc::bad_argument for HTTP 400, errc::io_error for all else.
[[nodiscard]] result<boost::json::object> accepted(const result<admin_answer>& answer);

/// The string member of this name, or empty where there is none.
[[nodiscard]] std::string member(const boost::json::object& object, std::string_view name);

/// The text, percent-encoded to stand in a path segment or a query value.
[[nodiscard]] std::string percent_encoded(std::string_view text);

}  // namespace factord::ctl
