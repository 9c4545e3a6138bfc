#include "server/tracing/otlp.hpp"

#include <algorithm>
#include <array>

#include "server/tracing/otlp.pb.h"
#include "storage/base/ascii.hpp"

namespace factord::tracing {
namespace {

using time_point = call_trace::time_point;

std::string bytes_of_hex(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes += static_cast<char>(hex_value(digits[i]) * 16 + hex_value(digits[i + 1]));
  return bytes;
}

// Of the spans of one call, which differ by this alone.
std::string id_of_stage(const std::string& request_id, char stage) {
  std::string id = request_id;
  id.back() = static_cast<char>(id.back() ^ stage);
  id.front() = static_cast<char>(id.front() ^ 0x55);
  return id;
}

/// Fills in spans of one request to the collector.
class span_writer {
 public:
  span_writer(otlp::ScopeSpans& to, const clock_pair& now) : to_(to), now_(now) {}

  void add_call(const call_trace& one);

 private:
  [[nodiscard]] std::uint64_t unix_nanos(time_point at) const {
    const auto wall = now_.wall.time_since_epoch() - (now_.steady - at);
    return static_cast<std::uint64_t>(std::max<std::int64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(wall).count(), 0));
  }
  otlp::Span& add_span(const call_trace& one, std::string id, time_point from, time_point to) {
    otlp::Span& span = *to_.add_spans();
    span.set_trace_id(bytes_of_hex(one.context.trace.trace()));
    span.set_span_id(std::move(id));
    span.set_trace_state(one.context.trace_state);
    span.set_start_time_unix_nano(unix_nanos(from));
    span.set_end_time_unix_nano(unix_nanos(std::max(from, to)));
    return span;
  }
  void add_stages(const call_trace& one, const std::string& request_id);

  otlp::ScopeSpans& to_;
  const clock_pair& now_;
};

void add_text(auto& to, std::string_view key, std::string_view text) {
  otlp::Attribute& one = *to.add_attributes();
  one.set_key(std::string(key));
  one.mutable_value()->set_string_value(std::string(text));
}

void add_number(auto& to, std::string_view key, std::int64_t number) {
  otlp::Attribute& one = *to.add_attributes();
  one.set_key(std::string(key));
  one.mutable_value()->set_int_value(number);
}

void span_writer::add_call(const call_trace& one) {
  const std::string id = bytes_of_hex(one.context.trace.span());
  otlp::Span& span = add_span(one, id, one.asked_at, one.answered_at);
  if (one.context.trace.known) span.set_parent_span_id(bytes_of_hex(one.context.trace.parent()));
  span.set_name("request");
  span.set_kind(otlp::Span::KIND_SERVER);
  add_text(span, "factord.operation", service::traits(one.op).name);
  add_text(span, "factord.protocol", one.protocol);
  add_text(span, "factord.code", one.code);
  add_text(span, "factord.request_id", one.context.name.text());
  if (one.sequence > 0)
    add_number(span, "factord.sequence", static_cast<std::int64_t>(one.sequence));
  if (one.failed) span.mutable_status()->set_code(otlp::Status::CODE_ERROR);
  add_stages(one, id);
}

void span_writer::add_stages(const call_trace& one, const std::string& request_id) {
  struct stage {
    std::string_view name;
    time_point from;
    time_point to;
  };
  const std::array stages = {stage{"authenticate", one.asked_at, one.admitted_at},
                             stage{"queue", one.admitted_at, one.taken_at},
                             stage{"commit", one.taken_at, one.ended_at}};
  char number = 0;
  for (const stage& each : stages) {
    ++number;
    if (each.from == time_point{} || each.to == time_point{}) continue;
    otlp::Span& span = add_span(one, id_of_stage(request_id, number), each.from, each.to);
    span.set_parent_span_id(request_id);
    span.set_name(std::string(each.name));
    span.set_kind(otlp::Span::KIND_INTERNAL);
  }
}

}  // namespace

std::string to_otlp(std::span<const call_trace> calls, const clock_pair& now,
                    std::string_view version) {
  otlp::ExportRequest all;
  otlp::ResourceSpans& ours = *all.add_resource_spans();
  add_text(*ours.mutable_resource(), "service.name", "factord");
  add_text(*ours.mutable_resource(), "service.version", version);
  otlp::ScopeSpans& scope = *ours.add_scope_spans();
  scope.mutable_scope()->set_name("factord");
  scope.mutable_scope()->set_version(std::string(version));
  span_writer writer(scope, now);
  for (const call_trace& one : calls) writer.add_call(one);
  return all.SerializeAsString();
}

otlp_answer read_otlp_answer(std::string_view body) {
  otlp::ExportResponse said;
  if (!said.ParseFromArray(body.data(), static_cast<int>(body.size()))) return {};
  return {true, said.partial_success().rejected_spans(), said.partial_success().error_message()};
}

}  // namespace factord::tracing
