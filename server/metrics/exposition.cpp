#include "server/metrics/exposition.hpp"

#include <array>
#include <charconv>

namespace factord::metrics {
namespace {

// Without an exponent, as few digits as tell it from its neighbours.
void append(std::string& out, double value) {
  std::array<char, 400> digits;
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed);
  out.append(digits.data(), end.ptr);
}

void append(std::string& out, std::uint64_t value) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  out.append(digits.data(), end.ptr);
}

void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '\\' || c == '"') out.push_back('\\');
    out.push_back(c);
  }
}

}  // namespace

std::string_view name(metric_kind kind) noexcept {
  switch (kind) {
    case metric_kind::counter:
      return "counter";
    case metric_kind::gauge:
      return "gauge";
    case metric_kind::histogram:
      break;
  }
  return "histogram";
}

void exposition::begin(std::string_view name, metric_kind kind, std::string_view help) {
  name_ = name;
  out_.append("# HELP ").append(name).append(" ").append(help);
  out_.append("\n# TYPE ").append(name).append(" ").append(metrics::name(kind)).append("\n");
}

void exposition::sample(labels of, std::uint64_t value) {
  begin_line({}, of);
  end_line(value);
}

void exposition::sample(labels of, double value) {
  begin_line({}, of);
  end_line(value);
}

void exposition::write_histogram(labels of, std::span<const std::uint64_t> bounds,
                                 std::span<const std::uint64_t> counts, std::uint64_t sum,
                                 double unit) {
  std::uint64_t so_far = 0;
  std::string bound;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    so_far += counts[i];
    bound.clear();
    if (i < bounds.size()) {
      append(bound, static_cast<double>(bounds[i]) / unit);
    } else {
      bound = "+Inf";
    }
    begin_line("_bucket", of, bound);
    end_line(so_far);
  }
  begin_line("_sum", of);
  end_line(static_cast<double>(sum) / unit);
  begin_line("_count", of);
  end_line(so_far);
}

void exposition::begin_line(std::string_view suffix, labels of, std::string_view bound) {
  out_.append(name_).append(suffix);
  char before = '{';
  const auto add = [this, &before](const label& one) {
    out_.push_back(before);
    before = ',';
    out_.append(one.name).append("=\"");
    append_escaped(out_, one.value);
    out_.push_back('"');
  };
  for (const label& one : of) add(one);
  if (!bound.empty()) add({"le", bound});
  if (before == ',') out_.push_back('}');
  out_.push_back(' ');
}

void exposition::end_line(std::uint64_t value) {
  append(out_, value);
  out_.push_back('\n');
}

void exposition::end_line(double value) {
  append(out_, value);
  out_.push_back('\n');
}

}  // namespace factord::metrics
