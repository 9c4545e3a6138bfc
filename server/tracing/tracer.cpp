#include "server/tracing/tracer.hpp"

#include <exception>
#include <span>
#include <utility>

#include "server/service/call_protocol.hpp"
#include "storage/base/hex.hpp"

namespace factord::tracing {
namespace {

// Never zeros alone, which are no id.
void draw_hex(std::mt19937_64& random, std::span<char> out) {
  for (std::size_t at = 0; at < out.size();) {
    std::uint64_t drawn = random() | 1U;
    for (std::size_t i = 0; i < 16 && at < out.size(); ++i, drawn >>= 4U)
      out[at++] = hex_digits[drawn & 0x0FU];
  }
}

}  // namespace

bool tracer::samples(const service::trace_context& said) {
  if (trusts_clients_ && said.known) return said.sampled;
  return random_() % trace_rules::all < sampled_;
}

void tracer::begin(service::call& pending) {
  service::trace_context& trace = pending.context.trace;
  trace.traced = traces_ && samples(trace);
  if (!trace.traced) return;
  draw_hex(random_, trace.span_id);
  if (trace.known) return;
  draw_hex(random_, trace.trace_id);
  trace.parent_id.fill('0');
}

void tracer::end(const service::call& done, std::string_view code, bool failed) {
  try {
    to_.put({done.context, done.op, name(done.over), code, failed, done.out.details.sequence,
             done.asked_at, done.admitted_at, done.taken_at, done.ended_at, done.answered_at});
  } catch (const std::exception&) {
    to_.count_dropped(1);  // out of memory
  }
}

}  // namespace factord::tracing
