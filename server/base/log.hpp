#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "storage/base/clock.hpp"

/// The log of the process: one JSON object a line. Whose process it is says where to (main: to
/// stderr, by a log_writer while it serves); until then, nowhere. Any thread.
namespace factord::log {

enum class level : std::uint8_t { trace, debug, info, warn, error };

/// The level of a name as on the command line, e.g. "warn".
[[nodiscard]] std::optional<level> find_level(std::string_view name) noexcept;

[[nodiscard]] std::string_view name(level which) noexcept;

/// A key, which is a name of ours, and a value, which may come from anywhere.
struct item {
  using value_type = std::variant<std::string_view, std::int64_t, std::uint64_t, bool>;

  item(std::string_view name, std::string_view text) : key(name), value(text) {}
  item(std::string_view name, const char* text) : item(name, std::string_view(text)) {}
  item(std::string_view name, const std::string& text) : item(name, std::string_view(text)) {}
  item(std::string_view name, bool truth) : key(name), value(truth) {}
  template <std::signed_integral T>
  item(std::string_view name, T number) : key(name), value(static_cast<std::int64_t>(number)) {}
  template <std::unsigned_integral T>
  item(std::string_view name, T number) : key(name), value(static_cast<std::uint64_t>(number)) {}

  std::string_view key;
  value_type value;
};
using items = std::initializer_list<item>;

/// Lines below this level are dropped; info to start with.
void set_level(level lowest) noexcept;

/// Takes a line without its end; false where it is lost, as where it throws. Any thread, several at
/// once.
using sink = std::function<bool(level severity, std::string_view line)>;
/// Where lines go from now on; nowhere, where it is empty. `flush` returns once what that was given
/// is written, or cannot be soon; empty where it always is. While no other thread logs.
void set_sink(sink to, std::function<void()> flush = {}) noexcept;
/// Writes each line to stderr, whole and at once.
[[nodiscard]] sink stderr_sink();

/// A line that there is no memory or no room for is lost, and counted.
void write(level severity, std::string_view message, items details = {}) noexcept;
inline void debug(std::string_view message, items details = {}) {
  write(level::debug, message, details);
}
inline void info(std::string_view message, items details = {}) {
  write(level::info, message, details);
}
inline void warn(std::string_view message, items details = {}) {
  write(level::warn, message, details);
}
inline void error(std::string_view message, items details = {}) {
  write(level::error, message, details);
}

/// A line that was made already, whatever its level.
void put(level severity, std::string_view line) noexcept;

/// For whoever ends the process without unwinding.
void flush() noexcept;

/// Lines that were lost since the process began.
[[nodiscard]] std::uint64_t lost() noexcept;
void count_lost(std::uint64_t lines) noexcept;

/// A time as the log shows it: RFC 3339 with microseconds.
[[nodiscard]] std::string to_text(timestamp now);

/// The line without its end. Every key, message and value goes through one escaping function, so
/// no text can end the line or leave its string; bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string format(timestamp now, level severity, std::string_view message,
                                 items details);
/// The same, behind what is in `out`.
void append(std::string& out, timestamp now, level severity, std::string_view message,
            std::span<const item> details);

}  // namespace factord::log
