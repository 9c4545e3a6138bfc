#include "server/net/trace_exporter.hpp"

#include <chrono>
#include <exception>
#include <utility>

#include "server/base/log.hpp"
#include "server/tracing/otlp.hpp"

namespace factord::net {
namespace {

constexpr std::size_t calls_of_a_request = 512;
// For one request, and all that it takes.
constexpr std::chrono::seconds send_patience{5};
constexpr std::chrono::seconds last_patience{1};
constexpr std::size_t answer_size = std::size_t{64} << 10U;

}  // namespace

trace_exporter::trace_exporter(const trace_rules& rules, std::string_view version,
                               tracing::trace_queue& from)
    : rules_(rules),
      version_(version),
      queue_(from),
      client_({.answer_bytes = answer_size, .ca_file = {}}, [this] { return is_over(); }) {
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
result<void> trace_exporter::send(std::string body, std::size_t calls) {
  const collector_address& to = rules_.collector;
  const auto got = client_.ask({.where = {.secure = false,
                                          .host = to.host,
                                          .port = to.port,
                                          .authority = to.authority,
                                          .target = to.target},
                                .content_type = "application/x-protobuf",
                                .body = std::move(body)},
                               std::chrono::steady_clock::now() + send_patience);
  if (!got) return got.error();
  if (got->status != 200)
    return error{errc::unavailable, "the answer was " + std::to_string(got->status)};
  const tracing::otlp_answer said = tracing::read_otlp_answer(got->body);
  if (!said.read) return error{errc::unavailable, "the answer is none of a collector"};
  if (said.rejected > 0) return error{errc::unavailable, "it was refused: " + said.message};
  queue_.count_sent(calls);
  return {};
}

// Whoever ends waits no longer than that for all that is left.
bool trace_exporter::is_over() {
  if (!ending_) return false;
  const auto now = std::chrono::steady_clock::now();
  if (!end_) end_ = now + last_patience;
  return now >= *end_;
}

}  // namespace factord::net
