#include "server/base/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <atomic>
#include <charconv>
#include <exception>
#include <memory>
#include <utility>

#include "storage/base/hex.hpp"
#include "storage/base/rfc3339.hpp"
#include "storage/base/utf8.hpp"

namespace factord::log {
namespace {

constexpr std::array<std::string_view, 5> level_names = {"trace", "debug", "info", "warn", "error"};

spdlog::level::level_enum to_spdlog(level which) {
  return static_cast<spdlog::level::level_enum>(which);
}
static_assert(static_cast<int>(level::trace) == SPDLOG_LEVEL_TRACE);
static_assert(static_cast<int>(level::error) == SPDLOG_LEVEL_ERROR);

// Never destroyed: threads may log until the process has ended.
struct output {
  std::atomic<level> lowest{level::info};
  std::atomic<std::uint64_t> lost{0};
  sink to;
  std::function<void()> flush;
};
output& out() {
  static auto* const made = new output;
  return *made;
}

// How many bytes at the front stand for themselves.
std::size_t plain_size(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size() && text[size] >= ' ' && text[size] <= '~' && text[size] != '"' &&
         text[size] != '\\')
    ++size;
  return size;
}

// The one escaping function: quotes `text` as a JSON string that holds only printable ASCII and
// whole UTF-8 characters.
void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    if (const std::size_t plain = plain_size(text); plain > 0) {
      out += text.substr(0, plain);
      text.remove_prefix(plain);
      continue;
    }
    const auto byte = static_cast<unsigned char>(text.front());
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      out += "\\ufffd";
      text.remove_prefix(1);
      continue;
    }
    if (byte < 0x20 || byte == 0x7F) {
      out += "\\u00";
      append_hex(out, byte);
    } else {
      if (byte == '"' || byte == '\\') out += '\\';
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  out += '"';
}

void append_number(std::string& out, auto number) {
  std::array<char, 20> digits;
  out.append(digits.data(),
             std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

void append_value(std::string& out, const item::value_type& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    append_quoted(out, *text);
  } else if (const auto* truth = std::get_if<bool>(&value)) {
    out += *truth ? "true" : "false";
  } else if (const auto* number = std::get_if<std::int64_t>(&value)) {
    append_number(out, *number);
  } else {
    append_number(out, std::get<std::uint64_t>(value));
  }
}

}  // namespace

std::string to_text(timestamp now) {
  std::string text;
  append_rfc3339(text, now, fraction::micros);
  return text;
}

std::string_view name(level which) noexcept { return level_names[static_cast<std::size_t>(which)]; }

std::optional<level> find_level(std::string_view name) noexcept {
  for (std::size_t i = 0; i < level_names.size(); ++i) {
    if (level_names[i] == name) return static_cast<level>(i);
  }
  return std::nullopt;
}

void set_level(level lowest) noexcept { out().lowest = lowest; }

void set_sink(sink to, std::function<void()> flush) noexcept {
  out().to = std::move(to);
  out().flush = std::move(flush);
}

sink stderr_sink() {
  // With no registry behind it, nothing flushes behind our back.
  auto to = std::make_shared<spdlog::logger>("factord",
                                             std::make_shared<spdlog::sinks::stderr_sink_mt>());
  to->set_pattern("%v");
  to->set_level(spdlog::level::trace);
  return [to = std::move(to)](level severity, std::string_view line) {
    to->log(to_spdlog(severity), spdlog::string_view_t(line.data(), line.size()));
    to->flush();
    return true;
  };
}

void write(level severity, std::string_view message, items details) noexcept {
  try {
    const output& log = out();
    if (severity < log.lowest || !log.to) return;
    put(severity, format(system_now(), severity, message, details));
  } catch (const std::exception&) {
    // Whoever logs is often in trouble already.
    count_lost(1);
  }
}

void put(level severity, std::string_view line) noexcept {
  try {
    const output& log = out();
    if (log.to && !log.to(severity, line)) count_lost(1);
  } catch (const std::exception&) {
    count_lost(1);
  }
}

void flush() noexcept {
  try {
    if (out().flush) out().flush();
  } catch (const std::exception&) {
    // Nobody is left to be told.
  }
}

std::uint64_t lost() noexcept { return out().lost.load(std::memory_order_relaxed); }

void count_lost(std::uint64_t lines) noexcept {
  out().lost.fetch_add(lines, std::memory_order_relaxed);
}

std::string format(timestamp now, level severity, std::string_view message, items details) {
  std::string line;
  append(line, now, severity, message, {details.begin(), details.size()});
  return line;
}

void append(std::string& out, timestamp now, level severity, std::string_view message,
            std::span<const item> details) {
  out += "{\"ts\":\"";
  append_rfc3339(out, now, fraction::micros);
  out += "\",\"level\":";
  append_quoted(out, name(severity));
  out += ",\"msg\":";
  append_quoted(out, message);
  for (const item& detail : details) {
    out += ',';
    append_quoted(out, detail.key);
    out += ':';
    append_value(out, detail.value);
  }
  out += '}';
}

}  // namespace factord::log
