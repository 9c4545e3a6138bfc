#include "tools/factorctl/readiness_probe.hpp"

#include <sys/un.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/json/parse.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <chrono>
#include <vector>

#include "tools/common/number.hpp"
#include "tools/factorctl/admin_client.hpp"

namespace factord::ctl {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using local = asio::local::stream_protocol;

constexpr std::chrono::seconds probe_patience{5};
constexpr std::uint64_t probe_bytes_max = 64U << 10U;

std::string shown(const probe_target& where) {
  if (where.host.empty()) return "unix:" + where.path;
  const bool ipv6 = where.host.find(':') != std::string::npos;
  return "http://" + (ipv6 ? "[" + where.host + "]" : where.host) + ":" +
         std::to_string(where.port);
}

error unheard(const probe_target& where, const std::string& cause) {
  return {errc::unavailable, "not ready: " + shown(where) + ": " + cause};
}

/// One question and its answer, all within one deadline.
template <class Protocol>
class single_question {
 public:
  explicit single_question(const probe_target& where) : where_(where) {}

  result<http::response<http::string_body>> with(
      const std::vector<typename Protocol::endpoint>& ends) {
    // 1. Connect.
    peer_.expires_after(probe_patience);
    peer_.async_connect(ends, [this](const error_code& ec, const auto&) { outcome_ = ec; });
    if (finish()) return unheard(where_, outcome_.message());

    // 2. Ask.
    http::request<http::empty_body> request{http::verb::get, "/readyz", 11};
    request.set(http::field::host, "localhost");
    request.keep_alive(false);
    http::async_write(peer_, request, [this](const error_code& ec, auto) { outcome_ = ec; });
    if (finish()) return unheard(where_, outcome_.message());

    // 3. Listen.
    beast::flat_buffer buffer;
    http::response_parser<http::string_body> parser;
    parser.body_limit(probe_bytes_max);
    http::async_read(peer_, buffer, parser, [this](const error_code& ec, auto) { outcome_ = ec; });
    if (finish()) {
      const bool strange =
          outcome_.category() == http::make_error_code(http::error::bad_version).category();
      return unheard(where_, outcome_.message() +
                                 (strange ? " (if it speaks TLS: ask a listener that does not, "
                                            "such as one of --admin-listen)"
                                          : ""));
    }
    return parser.release();
  }

 private:
  bool finish() {
    context_.restart();
    context_.run();
    return outcome_.failed();
  }

  const probe_target& where_;
  asio::io_context context_{1};
  beast::basic_stream<Protocol> peer_{context_};
  error_code outcome_;
};

result<http::response<http::string_body>> get_readyz(const probe_target& where) {
  if (where.host.empty()) return single_question<local>{where}.with({local::endpoint{where.path}});
  asio::io_context context{1};
  tcp::resolver resolver{context};
  error_code failure;
  const auto found = resolver.resolve(where.host, std::to_string(where.port), failure);
  if (failure) return unheard(where, failure.message());
  std::vector<tcp::endpoint> ends;
  for (const auto& one : found) ends.push_back(one.endpoint());
  return single_question<tcp>{where}.with(ends);
}

}  // namespace

result<probe_target> parse_probe_target(std::string_view text) {
  const error bad{errc::bad_argument, "'" + std::string(text) +
                                          "' is no place to ask: http://HOST:PORT or unix:PATH is "
                                          "needed, of a listener without TLS"};
  if (text.starts_with("unix:")) {
    const std::string path{text.substr(5)};
    if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path)) return bad;
    return probe_target{"", 0, path};
  }
  const auto parsed = boost::urls::parse_uri({text.data(), text.size()});
  if (!parsed) return bad;
  const boost::urls::url_view& url = *parsed;
  const std::string path{url.encoded_path().data(), url.encoded_path().size()};
  const bool bare = url.scheme_id() == boost::urls::scheme::http && !url.has_userinfo() &&
                    !url.has_query() && !url.has_fragment() &&
                    (path.empty() || path == "/" || path == "/readyz");
  if (!bare || url.host_address().empty()) return bad;
  // Not port_number(), which passes over what is too large.
  const auto port = url.has_port() ? tools::parse_number(url.port()) : std::uint64_t{80};
  if (!port || *port < 1 || *port > 65'535) return bad;
  return probe_target{url.host_address(), static_cast<std::uint16_t>(*port), ""};
}

result<std::string> ask_readiness(const probe_target& where) {
  const auto answer = get_readyz(where);
  if (!answer) return answer.error();
  error_code not_json;
  const auto body = boost::json::parse(answer->body(), not_json);
  const std::string status =
      not_json || !body.is_object() ? "" : member(body.get_object(), "status");
  if (status.empty()) {
    return unheard(where, "it answers HTTP " + std::to_string(answer->result_int()) +
                              ", and not as a factord does");
  }
  if (status == "ready" && answer->result() != http::status::ok)
    return unheard(where, "it answers HTTP " + std::to_string(answer->result_int()));
  return status;
}

}  // namespace factord::ctl
