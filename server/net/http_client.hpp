#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

#include "server/net/http_url.hpp"
#include "server/net/name_lookup.hpp"
#include "storage/base/error.hpp"

namespace factord::net {

/// What is asked: a GET, or a POST of a body where it says of what type that is.
struct http_question {
  http_url where;
  std::string content_type;
  std::string body;
};

struct http_answer {
  unsigned status = 0;
  std::string cache_control;  ///< all of these fields, behind commas
  std::string body;
};

struct http_client_rules {
  std::size_t answer_bytes = 0;   ///< the largest body that is read; a longer one is a failure
  std::string ca_file;            ///< who signs for TLS (PEM); empty: whom this machine trusts
  bool plain_stays_here = false;  ///< http is for addresses of loopback alone, whatever a name says
};

/// Whether a file says whom to trust, as `ca_file` has to. errc::bad_argument with its path
/// otherwise.
[[nodiscard]] result<void> check_trust(const std::string& ca_file);

/// Asks over HTTP/1.1: one question on a connection of its own, no redirect is followed and no
/// proxy asked. Over TLS (1.2 or newer) the server shows a certificate of its name, signed by whom
/// we trust. One thread.
class http_client {
 public:
  /// `is_over`: no more is waited for; asked every 100 ms.
  http_client(http_client_rules rules, std::function<bool()> is_over)
      : rules_(std::move(rules)), is_over_(std::move(is_over)) {}
  http_client(const http_client&) = delete;
  http_client& operator=(const http_client&) = delete;

  /// The answer, of any status. errc::unavailable with what failed where there is none by
  /// `deadline`, which is for all of it: the name, the connection, TLS, the last byte.
  [[nodiscard]] result<http_answer> ask(const http_question& asked,
                                        std::chrono::steady_clock::time_point deadline);

 private:
  using tcp_stream = boost::beast::tcp_stream;

  [[nodiscard]] result<void> connect(tcp_stream& socket, const http_url& where);
  [[nodiscard]] result<http_answer> ask_plainly(const http_question& asked);
  [[nodiscard]] result<http_answer> ask_over_tls(const http_question& asked);
  template <class Stream>
  [[nodiscard]] result<http_answer> trade(Stream& over, const http_question& asked);
  /// Runs what was begun to its end, or to that of its time.
  void wait(tcp_stream& socket);

  // Constant after construction.
  const http_client_rules rules_;
  const std::function<bool()> is_over_;

  boost::asio::io_context context_{1};
  name_lookup names_;
  std::chrono::steady_clock::time_point deadline_{};  ///< of the question that is asked
};

}  // namespace factord::net
