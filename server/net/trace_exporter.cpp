#include "server/net/trace_exporter.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <exception>
#include <utility>

#include "server/base/log.hpp"
#include "server/tracing/otlp.hpp"

namespace factord::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t calls_of_a_request = 512;
// For one request, and the connection that it may need.
constexpr std::chrono::seconds patience{5};
constexpr std::chrono::seconds last_patience{1};
constexpr std::chrono::milliseconds look_at_the_end{100};
constexpr std::size_t answer_size = std::size_t{64} << 10U;

error failed(std::string_view what, const error_code& why) {
  return {errc::unavailable, std::string(what) + ": " + why.message()};
}

}  // namespace

trace_exporter::trace_exporter(const trace_rules& rules, std::string_view version,
                               tracing::trace_queue& from)
    : rules_(rules), version_(version), queue_(from) {
  thread_ = thread("traces", [this] { run(); });
}

trace_exporter::~trace_exporter() {
  ending_ = true;
  queue_.close();
  thread_.join();
}

void trace_exporter::run() noexcept {
  std::vector<tracing::call_trace> calls;
  for (;;) {
    try {
      queue_.take(calls, calls_of_a_request);
      if (calls.empty()) return;
      is_over() ? queue_.count_dropped(calls.size()) : send_all(calls);
    } catch (const std::exception&) {  // out of memory
      queue_.count_dropped(calls.size());
    }
  }
}

void trace_exporter::send_all(const std::vector<tracing::call_trace>& calls) {
  const auto sent =
      send(tracing::to_otlp(calls, tracing::clock_pair::read(), version_), calls.size());
  connection_.reset();
  if (sent) return;
  queue_.count_dropped(calls.size());
  if (const auto times = failures_.due(std::chrono::steady_clock::now()); times > 0)
    log::warn("traces could not be sent", {{"collector", rules_.endpoint},
                                           {"cause", sent.error().message},
                                           {"times", times},
                                           {"dropped", queue_.dropped()}});
  // A collector that is gone at the end is not asked again and again.
  if (ending_) {
    std::vector<tracing::call_trace> rest;
    for (queue_.take(rest, calls_of_a_request); !rest.empty();
         queue_.take(rest, calls_of_a_request))
      queue_.count_dropped(rest.size());
  }
}

// Each has a connection of its own: on one that was kept, which the collector may be ending, nobody
// can tell what was taken.
result<void> trace_exporter::send(const std::string& body, std::size_t calls) {
  if (auto connected = connect(); !connected) return connected;
  return post(body, calls);
}

result<void> trace_exporter::connect() {
  error_code failure;
  asio::ip::tcp::resolver resolver(context_);
  const auto found =
      resolver.resolve(rules_.collector.host, std::to_string(rules_.collector.port), failure);
  if (failure) return failed("resolving " + rules_.collector.host, failure);
  connection_.emplace(context_);
  connection_->expires_after(patience);
  connection_->async_connect(found, [&failure](error_code how, const auto&) { failure = how; });
  wait();
  if (failure) return failed("connecting", failure);
  return {};
}

result<void> trace_exporter::post(const std::string& body, std::size_t calls) {
  http::request<http::string_body> request(http::verb::post, rules_.collector.target, 11);
  request.set(http::field::host, rules_.collector.authority);
  request.set(http::field::content_type, "application/x-protobuf");
  request.set(http::field::user_agent, "factord");
  request.keep_alive(false);
  request.body() = body;
  request.prepare_payload();
  http::response_parser<http::string_body> answer;
  answer.body_limit(answer_size);

  boost::beast::flat_buffer input;
  error_code failure;
  connection_->expires_after(patience);
  http::async_write(*connection_, request, [&](error_code how, std::size_t) {
    failure = how;
    if (how) return;
    http::async_read(*connection_, input, answer,
                     [&failure](error_code why, std::size_t) { failure = why; });
  });
  wait();
  if (failure) return failed("sending", failure);
  const auto& got = answer.get();
  if (got.result() != http::status::ok)
    return error{errc::unavailable, "the answer was " + std::to_string(got.result_int())};
  const tracing::otlp_answer said = tracing::read_otlp_answer(got.body());
  if (!said.read) return error{errc::unavailable, "the answer is none of a collector"};
  if (said.rejected > 0) return error{errc::unavailable, "it was refused: " + said.message};
  queue_.count_sent(calls);
  return {};
}

void trace_exporter::wait() {
  for (context_.restart(); !context_.stopped();) {
    context_.run_for(look_at_the_end);
    if (is_over()) connection_->cancel();
  }
}

// Whoever ends waits no longer than that for all that is left.
bool trace_exporter::is_over() {
  if (!ending_) return false;
  const auto now = std::chrono::steady_clock::now();
  if (!end_) end_ = now + last_patience;
  return now >= *end_;
}

}  // namespace factord::net
