#include "server/net/http_client.hpp"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <utility>
#include <vector>

namespace factord::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using tls_stream = beast::ssl_stream<beast::tcp_stream>;

constexpr std::chrono::milliseconds look_at_the_end{100};
constexpr std::uint32_t header_bytes = 16U << 10U;

error failed(const std::string& what, const error_code& why) {
  return {errc::unavailable, what + ": " + why.message()};
}

http::request<http::string_body> request_of(const http_question& asked) {
  const bool posts = !asked.content_type.empty();
  http::request<http::string_body> request(posts ? http::verb::post : http::verb::get,
                                           asked.where.target, 11);
  request.set(http::field::host, asked.where.authority);
  request.set(http::field::user_agent, "factord");
  request.keep_alive(false);
  if (posts) {
    request.set(http::field::content_type, asked.content_type);
    request.body() = asked.body;
    request.prepare_payload();
  } else {
    request.set(http::field::accept, "application/json");
  }
  return request;
}

http_answer answer_of(http::response<http::string_body> got) {
  http_answer answer{.status = got.result_int(), .cache_control = {}, .body = {}};
  const auto [begin, end] = got.equal_range(http::field::cache_control);
  for (auto each = begin; each != end; ++each) {
    if (!answer.cache_control.empty()) answer.cache_control += ',';
    answer.cache_control += each->value();
  }
  answer.body = std::move(got.body());
  return answer;
}

result<void> trust(asio::ssl::context& context, const std::string& ca_file) {
  ::SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  context.set_verify_mode(asio::ssl::verify_peer);
  error_code failure;
  ca_file.empty() ? context.set_default_verify_paths(failure)
                  : context.load_verify_file(ca_file, failure);
  if (failure) return failed("reading whom to trust", failure);
  return {};
}

// The certificate has to bear this name, and the server may have to be told it.
bool expect(tls_stream& over, const std::string& host) {
  SSL* const handle = over.native_handle();
  error_code none;
  asio::ip::make_address(host, none);
  if (!none) return ::X509_VERIFY_PARAM_set1_ip_asc(::SSL_get0_param(handle), host.c_str()) == 1;
  // A certificate's names are where they belong; what its subject says is for people (RFC 9525).
  ::SSL_set_hostflags(handle,
                      X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  return ::SSL_set1_host(handle, host.c_str()) == 1 &&
         SSL_set_tlsext_host_name(handle, host.c_str()) == 1;
}

error handshake_failed(tls_stream& over, const error_code& why) {
  const long verdict = ::SSL_get_verify_result(over.native_handle());
  if (verdict == X509_V_OK) return failed("beginning TLS", why);
  return {errc::unavailable, std::string("the certificate is not trusted: ") +
                                 ::X509_verify_cert_error_string(verdict)};
}

}  // namespace

result<void> check_trust(const std::string& ca_file) {
  asio::ssl::context context(asio::ssl::context::tls_client);
  if (const auto trusts = trust(context, ca_file); !trusts)
    return error{errc::bad_argument, ca_file + ": " + trusts.error().message};
  return {};
}

result<http_answer> http_client::ask(const http_question& asked,
                                     std::chrono::steady_clock::time_point deadline) {
  deadline_ = deadline;
  return asked.where.secure ? ask_over_tls(asked) : ask_plainly(asked);
}

result<http_answer> http_client::ask_plainly(const http_question& asked) {
  tcp_stream socket(context_);
  if (const auto connected = connect(socket, asked.where); !connected) return connected.error();
  return trade(socket, asked);
}

result<http_answer> http_client::ask_over_tls(const http_question& asked) {
  asio::ssl::context context(asio::ssl::context::tls_client);
  if (const auto trusts = trust(context, rules_.ca_file); !trusts) return trusts.error();
  tls_stream over(context_, context);
  if (!expect(over, asked.where.host))
    return error{errc::unavailable, "beginning TLS: out of memory"};
  tcp_stream& socket = over.next_layer();
  if (const auto connected = connect(socket, asked.where); !connected) return connected.error();
  error_code failure;
  over.async_handshake(asio::ssl::stream_base::client,
                       [&failure](error_code how) { failure = how; });
  wait(socket);
  if (failure) return handshake_failed(over, failure);
  return trade(over, asked);
}

result<void> http_client::connect(tcp_stream& socket, const http_url& where) {
  const auto found = names_.find(where.host, deadline_, is_over_);
  if (!found) return found.error();
  std::vector<asio::ip::tcp::endpoint> ends;
  for (const auto& address : *found) {
    const bool stays_here = where.secure || !rules_.plain_stays_here || address.is_loopback();
    if (stays_here) ends.emplace_back(address, where.port);
  }
  if (ends.empty()) {
    return error{errc::unavailable,
                 where.host + " is not this machine: without TLS nothing else is asked"};
  }
  error_code failure;
  socket.expires_at(deadline_);
  socket.async_connect(ends, [&failure](error_code how, const auto&) { failure = how; });
  wait(socket);
  if (failure) return failed("connecting", failure);
  return {};
}

template <class Stream>
result<http_answer> http_client::trade(Stream& over, const http_question& asked) {
  tcp_stream& socket = beast::get_lowest_layer(over);
  const auto request = request_of(asked);
  error_code failure;
  http::async_write(over, request, [&failure](error_code how, std::size_t) { failure = how; });
  wait(socket);
  if (failure) return failed("sending", failure);

  http::response_parser<http::string_body> answer;
  answer.body_limit(rules_.answer_bytes);
  answer.header_limit(header_bytes);
  // Beast bounds neither the extensions of a chunk nor what trails the last one: both have to fit.
  beast::flat_buffer input(rules_.answer_bytes + header_bytes);
  http::async_read(over, input, answer, [&failure](error_code how, std::size_t) { failure = how; });
  wait(socket);
  if (failure) return failed("receiving", failure);
  return answer_of(answer.release());
}

void http_client::wait(tcp_stream& socket) {
  for (context_.restart(); !context_.stopped();) {
    context_.run_for(look_at_the_end);
    if (is_over_()) socket.cancel();
  }
}

}  // namespace factord::net
