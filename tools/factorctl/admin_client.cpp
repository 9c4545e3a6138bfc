#include "tools/factorctl/admin_client.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/url/encode.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <cerrno>
#include <chrono>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "tools/factorctl/ownership.hpp"
#include "tools/factorctl/unreachable.hpp"

namespace factord::ctl {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using boost::system::error_code;
using local = asio::local::stream_protocol;
using stream = beast::basic_stream<local>;

constexpr std::chrono::seconds patience{30};
// A page of 1,000 events, each from a request body of at most 64 KiB.
constexpr std::uint64_t answer_bytes_max = 128U << 20U;

// The socket's path. A directory whose path is too long for an address is named through a
// descriptor of ours instead, which must stay open until connected.
class socket_path {
 public:
  explicit socket_path(const std::filesystem::path& dir) : path_((dir / "admin.sock").string()) {
    if (path_.size() < sizeof(sockaddr_un::sun_path)) return;
    fd_ = ::open(dir.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    failure_ = fd_ < 0 ? errno : 0;
    path_ = "/proc/self/fd/" + std::to_string(fd_) + "/admin.sock";
  }
  ~socket_path() {
    if (fd_ >= 0) ::close(fd_);
  }
  socket_path(const socket_path&) = delete;
  socket_path& operator=(const socket_path&) = delete;

  [[nodiscard]] const std::string& text() const noexcept { return path_; }
  /// The errno of opening DIR, 0 where all is well.
  [[nodiscard]] int failure() const noexcept { return failure_; }

 private:
  std::string path_;
  int fd_ = -1;
  int failure_ = 0;
};

// The user whose server it is. Ours where it cannot be told.
unsigned user_behind(stream& peer) {
  ucred credentials{};
  socklen_t size = sizeof(credentials);
  const bool told = ::getsockopt(peer.socket().native_handle(), SOL_SOCKET, SO_PEERCRED,
                                 &credentials, &size) == 0;
  return told ? credentials.uid : ::geteuid();
}

// Whom the server does not take it closes the connection to, without a word.
error broken(std::string_view step, stream& peer, const error_code& cause) {
  const unsigned user = user_behind(peer);
  if (::geteuid() != 0 && user != ::geteuid()) {
    return {errc::unavailable,
            "the server ended the connection without an answer: " + say_whose(user)};
  }
  return {errc::io_error, std::string{step} + " the server: " + cause.message()};
}

// errno of the failure, or 0.
int connect_to(stream& peer, const std::filesystem::path& data_dir) {
  const socket_path path{data_dir};
  if (path.failure() != 0) return path.failure();
  error_code outcome;
  peer.socket().connect(local::endpoint{path.text()}, outcome);
  return outcome ? outcome.value() : 0;
}

// Runs the operation that was just started. Asynchronous only because such operations have
// deadlines and blocking ones have not.
error_code finish(asio::io_context& context, const error_code& outcome) {
  context.restart();
  context.run();
  return outcome;
}

using text_request = http::request<http::string_body>;
using text_response = http::response<http::string_body>;

text_request make_request(std::string_view verb, const std::string& target) {
  text_request request;
  request.version(11);
  request.method_string(beast::string_view{verb.data(), verb.size()});
  request.target(target);
  request.set(http::field::host, "localhost");
  request.keep_alive(false);
  return request;
}

// An answer, or the beginning of one that broke off.
struct heard_answer {
  text_response response;
  std::optional<error> cut;
};

result<heard_answer> read_answer(asio::io_context& context, stream& peer) {
  beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(answer_bytes_max);
  error_code outcome;
  peer.expires_after(patience);
  http::async_read(peer, buffer, parser,
                   [&outcome](const error_code& ec, std::size_t) { outcome = ec; });
  heard_answer heard;
  if (finish(context, outcome)) {
    error cut = broken("reading from", peer, outcome);
    if (!parser.is_header_done()) return cut;
    heard.cut = std::move(cut);
  }
  heard.response = parser.release();
  return heard;
}

result<heard_answer> exchange(const std::filesystem::path& data_dir, text_request request) {
  request.prepare_payload();
  asio::io_context context{1};
  stream peer{context};
  error_code outcome;

  // 1. Connect: a local connect never waits, so it needs no deadline.
  if (const int failure = connect_to(peer, data_dir); failure != 0)
    return unreachable(data_dir, failure);

  // 2. Ask.
  peer.expires_after(patience);
  http::async_write(peer, request, [&outcome](const error_code& ec, std::size_t) { outcome = ec; });
  if (finish(context, outcome)) return broken("writing to", peer, outcome);

  // 3. Listen.
  return read_answer(context, peer);
}

}  // namespace

result<admin_answer> ask_server(const std::filesystem::path& data_dir, std::string_view verb,
                                const std::string& target, const boost::json::value& body) {
  text_request request = make_request(verb, target);
  if (!body.is_null()) {
    request.set(http::field::content_type, "application/json");
    request.body() = boost::json::serialize(body);
  }
  const auto told = exchange(data_dir, std::move(request));
  if (!told) return told.error();
  if (told->cut) return *told->cut;
  admin_answer answer{told->response.result_int(), nullptr};
  if (told->response.body().empty()) return answer;
  error_code outcome;
  answer.body = boost::json::parse(told->response.body(), outcome);
  if (outcome) return error{errc::io_error, "the server's answer is not JSON"};
  return answer;
}

result<line_answer> send_lines(const std::filesystem::path& data_dir, const line_request& what) {
  text_request request = make_request("POST", what.target);
  request.set(http::field::content_type, "application/x-ndjson");
  request.set("Idempotency-Key", what.key);
  if (!what.org.empty()) request.set("x-zitadel-orgid", what.org);
  request.body() = what.lines;
  auto told = exchange(data_dir, std::move(request));
  if (!told) return told.error();
  return line_answer{told->response.result_int(), std::move(told->response.body()),
                     std::move(told->cut)};
}

bool is_answered(const std::filesystem::path& data_dir) {
  asio::io_context context{1};
  stream peer{context};
  return connect_to(peer, data_dir) == 0;
}

result<boost::json::object> accepted(const result<admin_answer>& answer) {
  if (!answer) return answer.error();
  const auto* object = answer->body.if_object();
  if (answer->status >= 200 && answer->status < 300) {
    return object != nullptr ? *object : boost::json::object{};
  }
  std::string message = object != nullptr ? member(*object, "message") : std::string{};
  if (message.empty()) message = "the server answered HTTP " + std::to_string(answer->status);
  return error{answer->status == 400 ? errc::bad_argument : errc::io_error, std::move(message)};
}

std::string member(const boost::json::object& object, std::string_view name) {
  const auto* value = object.if_contains(boost::json::string_view{name.data(), name.size()});
  const auto* text = value != nullptr ? value->if_string() : nullptr;
  return text != nullptr ? std::string{text->data(), text->size()} : std::string{};
}

std::string percent_encoded(std::string_view text) {
  return boost::urls::encode({text.data(), text.size()}, boost::urls::unreserved_chars);
}

}  // namespace factord::ctl
