#include "server/protocol/access_log.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <exception>
#include <span>
#include <utility>

#include "server/protocol/wire/wire_status.hpp"
#include "server/service/call_protocol.hpp"

namespace factord::protocol {
namespace {

using steady = std::chrono::steady_clock;

// Of a path that leads nowhere.
constexpr std::size_t path_size = 256;

/// The details of one line, in place.
class line_items {
 public:
  void add(std::string_view key, auto value) { items_[size_++] = log::item(key, value); }
  void add_text(std::string_view key, std::string_view text) {
    if (!text.empty()) add(key, text);
  }
  /// In whole microseconds, where both are known.
  void add_time(std::string_view key, steady::time_point from, steady::time_point to) {
    if (from == steady::time_point{} || to == steady::time_point{}) return;
    add(key, std::chrono::floor<std::chrono::microseconds>(to - from).count());
  }
  void add_context(const service::request_context& context) {
    add_text("request_id", context.name.text());
    const service::trace_context& trace = context.trace;
    if (trace.known || trace.traced) add("trace_id", trace.trace());
    if (trace.known) add("parent_id", trace.parent());
    if (trace.traced) add("span_id", trace.span());
    add_text("trace_state", context.trace_state);
  }

  [[nodiscard]] std::span<const log::item> all() const { return {items_.data(), size_}; }

 private:
  static constexpr std::size_t most = 24;

  template <std::size_t... I>
  static std::array<log::item, most> none(std::index_sequence<I...> /*count*/) {
    return {((void)I, log::item("", false))...};
  }
  std::array<log::item, most> items_ = none(std::make_index_sequence<most>{});
  std::size_t size_ = 0;
};

}  // namespace

bool access_log::wants(bool error, const service::call& done) const {
  if (rules_.level == access_level::off || rules_.level == access_level::all)
    return rules_.level == access_level::all;
  const bool let_in = done.who.trusted || !done.who.user_id.empty();
  if (error || !let_in) return let_in;
  return rules_.level == access_level::slow && !done.lasts() &&
         done.answered_at - done.asked_at >= rules_.slow;
}

void access_log::note_call(const service::call& done, std::string_view listener) {
  const bool error = is_fault(http_status(done.out.code));
  if (!wants(error, done)) return;
  line_items items;
  items.add_context(done.context);
  items.add_text("listener", listener);
  items.add("operation", service::traits(done.op).name);
  items.add("protocol", service::name(done.over));
  items.add_text("subject", done.who.user_id);
  items.add_text("user_id", done.in.user_id);
  items.add("code", code_name(done.out.code));
  items.add_text("error_id", done.out.error_id);
  if (error) items.add_text("cause", done.out.message);
  items.add("bytes_in", done.bytes_in);
  items.add("bytes_out", done.bytes_out);
  if (done.lines > 0) items.add("lines", done.lines);
  items.add_time("queue_us", done.asked_at, done.taken_at);
  items.add_time("commit_us", done.taken_at, done.ended_at);
  items.add_time("us", done.asked_at, done.answered_at);
  if (done.out.details.sequence > 0) items.add("sequence", done.out.details.sequence);
  if (listener.empty()) items.add("delivered", false);
  write(error, items.all());
}

void access_log::note(const request& incoming, const service::request_context& context, surface on,
                      const response& out) {
  if (rules_.level != access_level::all) return;
  line_items items;
  items.add_context(context);
  items.add("listener", name(on));
  items.add("method", name(incoming.method));
  const std::string_view target = incoming.target;
  items.add("path", target.substr(0, target.find('?')).substr(0, path_size));
  items.add("status", unsigned{out.status});
  items.add("bytes_in", incoming.body.size());
  items.add("bytes_out", incoming.method == verb::head ? 0 : out.body.size());
  write(is_fault(out.status), items.all());
}

void access_log::write(bool error, std::span<const log::item> details) noexcept {
  const log::level severity = error ? log::level::warn : log::level::info;
  try {
    line_.clear();
    log::append(line_, now_(), severity, "request", details);
    to_(severity, line_);
  } catch (const std::exception&) {
    // Out of memory: what was answered stays answered.
    log::count_lost(1);
  }
}

}  // namespace factord::protocol
