#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "server/base/meter.hpp"

namespace factord::metrics {

enum class metric_kind : std::uint8_t { counter, gauge, histogram };

[[nodiscard]] std::string_view name(metric_kind kind) noexcept;

struct label {
  std::string_view name;   ///< ours
  std::string_view value;  ///< any text
};
using labels = std::initializer_list<label>;

/// Writes Prometheus' text format, version 0.0.4: a metric with its help and its kind, then its
/// samples.
class exposition {
 public:
  /// Appends to `out`, which outlives this.
  explicit exposition(std::string& out) : out_(out) {}

  /// `help` is one line.
  void begin(std::string_view name, metric_kind kind, std::string_view help);

  void sample(labels of, std::uint64_t value);
  void sample(labels of, double value);

  /// Bounds and sum divided by `unit`: 1e9 makes seconds of nanoseconds.
  template <const auto& Bounds>
  void sample(labels of, const histogram_view<Bounds>& values, double unit = 1) {
    write_histogram(of, Bounds, values.counts, values.sum, unit);
  }

 private:
  void write_histogram(labels of, std::span<const std::uint64_t> bounds,
                       std::span<const std::uint64_t> counts, std::uint64_t sum, double unit);
  void begin_line(std::string_view suffix, labels of, std::string_view bound = {});
  void end_line(std::uint64_t value);
  void end_line(double value);

  std::string& out_;
  std::string_view name_;
};

}  // namespace factord::metrics
