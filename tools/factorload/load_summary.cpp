#include "tools/factorload/load_summary.hpp"

#include <array>
#include <cstdio>
#include <string_view>

#include "tools/common/number.hpp"

namespace factord::load {
namespace {

namespace json = boost::json;

struct percentile_name {
  const char* name;
  double share;
};

constexpr std::array<percentile_name, 6> percentiles{{{"p50", 0.5},
                                                      {"p90", 0.9},
                                                      {"p99", 0.99},
                                                      {"p99.9", 0.999},
                                                      {"p99.99", 0.9999},
                                                      {"max", 1.0}}};

constexpr auto operation_names = std::to_array<const char*>({"remove", "add"});
static_assert(operation_names.size() == operation_count);

double per(double amount, double unit) { return unit > 0 ? amount / unit : 0; }

double seconds(const load_result& outcome) {
  return std::chrono::duration<double>(outcome.elapsed).count();
}

double cpu_per_answer(const load_result& outcome) {
  return per(static_cast<double>(outcome.cpu.count()), static_cast<double>(outcome.counts.answers));
}

std::string fixed(double number, int digits) {
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), "%.*f", digits, number);
  return text.data();
}

void append_line(std::string& out, std::string_view name, const std::string& value) {
  out.append(name).append(name.size() < 14 ? 14 - name.size() : 1, ' ').append(value) += '\n';
}

std::string load_text(const load_options& options) {
  const std::string loop =
      options.rate == 0 ? "closed loop" : "open loop at " + tools::grouped(options.rate) + "/s";
  const std::string protocol = options.protocol == load_protocol::grpc ? " over gRPC" : "";
  return std::string{options.mode == load_mode::remove ? "remove" : "cycle"} + protocol + ", " +
         loop + ", " + tools::grouped(options.connections) + " connections, pipeline " +
         std::to_string(options.pipeline) + ", threads " + std::to_string(options.threads);
}

std::string latency_text(const latency_histogram& latency) {
  std::string text;
  for (const percentile_name& each : percentiles) {
    const auto micros = static_cast<double>(latency.percentile(each.share).count());
    text += std::string{text.empty() ? "" : "  "} + each.name + " " + fixed(micros / 1'000, 3);
  }
  return text + "  ms";
}

json::object latency_json(const latency_histogram& latency) {
  json::object figures{{"count", latency.count()}, {"mean", latency.mean_micros()}};
  for (const percentile_name& each : percentiles) {
    figures[each.name] = latency.percentile(each.share).count();
  }
  return figures;
}

json::object errors_json(const tally& counts) {
  return {{"unanswered", counts.unanswered},
          {"unsent", counts.unsent},
          {"malformed", counts.malformed},
          {"connects", counts.failed_connects}};
}

}  // namespace

std::string format_summary(const load_options& options, const load_result& outcome) {
  const tally& counts = outcome.counts;
  std::string out;
  append_line(out, "target", options.target_text);
  append_line(out, "load", load_text(options));
  append_line(out, "time", fixed(seconds(outcome), 3) + " s");
  append_line(out, "answers",
              tools::grouped(counts.answers) + "  " +
                  fixed(per(static_cast<double>(counts.answers), seconds(outcome)), 1) + "/s");
  for (std::size_t status = 0; status < counts.by_status.size(); ++status) {
    const bool always = status == 200 || status == 404;
    if (counts.by_status[status] == 0 && !always) continue;
    append_line(out, "  " + std::to_string(status), tools::grouped(counts.by_status[status]));
  }
  append_line(out, "errors", tools::grouped(counts.errors()));
  for (const auto& [name, count] : errors_json(counts)) {
    if (count.as_uint64() > 0) {
      append_line(out, "  " + std::string{name}, tools::grouped(count.as_uint64()));
    }
  }
  append_line(out, "reconnects", tools::grouped(counts.reconnects));
  for (std::size_t i = 0; i < operation_count; ++i) {
    if (counts.latency[i].count() == 0) continue;
    append_line(out, operation_names[i], latency_text(counts.latency[i]));
  }
  append_line(out, "client cpu", fixed(cpu_per_answer(outcome), 2) + " us/answer");
  return out;
}

json::object summary_json(const load_options& options, const load_result& outcome) {
  const tally& counts = outcome.counts;
  json::object by_status;
  for (std::size_t status = 0; status < counts.by_status.size(); ++status) {
    const bool always = status == 200 || status == 404;
    if (counts.by_status[status] > 0 || always) {
      by_status[std::to_string(status)] = counts.by_status[status];
    }
  }
  json::object latency;
  for (std::size_t i = 0; i < operation_count; ++i) {
    if (counts.latency[i].count() > 0)
      latency[operation_names[i]] = latency_json(counts.latency[i]);
  }
  return {{"target", options.target_text},
          {"mode", options.mode == load_mode::remove ? "remove" : "cycle"},
          {"rate", options.rate == 0 ? json::value(nullptr) : json::value(options.rate)},
          {"connections", options.connections},
          {"pipeline", options.pipeline},
          {"threads", options.threads},
          {"users", options.ids->size()},
          {"seconds", seconds(outcome)},
          {"sent", counts.sent},
          {"answers", counts.answers},
          {"answersPerSecond", per(static_cast<double>(counts.answers), seconds(outcome))},
          {"removed", counts.succeeded[static_cast<std::size_t>(operation::remove)]},
          {"added", counts.succeeded[static_cast<std::size_t>(operation::add)]},
          {"status", std::move(by_status)},
          {"errors", errors_json(counts)},
          {"reconnects", counts.reconnects},
          {"latencyMicros", std::move(latency)},
          {"clientCpuMicrosPerAnswer", cpu_per_answer(outcome)}};
}

}  // namespace factord::load
