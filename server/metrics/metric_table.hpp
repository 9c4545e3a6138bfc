#pragma once

#include <span>
#include <string>
#include <string_view>

#include "server/metrics/exposition.hpp"
#include "server/metrics/facts.hpp"

namespace factord::metrics {

/// One metric. Names, kinds and labels are a promise: scripts and dashboards hold them
/// (METRICS.md).
struct metric {
  std::string_view name;
  metric_kind kind;
  std::string_view help;
  /// All of its samples, each from the start: what was not counted yet is 0.
  void (*write)(const facts& of, exposition& to);
};

/// All of them, in the order in which they are shown.
[[nodiscard]] std::span<const metric> all_metrics() noexcept;

/// Appends all of them.
void write_metrics(const facts& of, std::string& out);

}  // namespace factord::metrics
