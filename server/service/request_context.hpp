#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace factord::service {

/// Where in a trace of many programs a request stands (W3C Trace Context): who sent it says so.
struct trace_context {
  bool known = false;    ///< its client has named one
  bool sampled = false;  ///< of a known one: its client keeps it
  bool traced = false;   ///< we keep it: it has a span, and a trace also where none is known
  std::array<char, 32> trace_id{};   ///< lower-case hexadecimal digits
  std::array<char, 16> parent_id{};  ///< so too: the span of who sent it, of a known one
  std::array<char, 16> span_id{};    ///< so too: ours, where it is traced

  [[nodiscard]] std::string_view trace() const noexcept {
    return {trace_id.data(), trace_id.size()};
  }
  [[nodiscard]] std::string_view parent() const noexcept {
    return {parent_id.data(), parent_id.size()};
  }
  [[nodiscard]] std::string_view span() const noexcept { return {span_id.data(), span_id.size()}; }
};

/// A text of at most 128 characters, kept in place.
class request_name {
 public:
  static constexpr std::size_t max_size = 128;

  request_name() = default;
  request_name(const request_name& other) noexcept { assign(other.text()); }
  request_name& operator=(const request_name& other) noexcept {
    if (this != &other) assign(other.text());
    return *this;
  }

  /// What is longer is cut.
  void assign(std::string_view text) noexcept {
    size_ = static_cast<std::uint8_t>(std::min(text.size(), max_size));
    std::copy_n(text.data(), size_, text_.data());
  }
  [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), size_}; }

 private:
  std::uint8_t size_ = 0;
  std::array<char, max_size> text_;  // read up to size_ alone
};

/// What logs call a request by, ours and those of other programs.
struct request_context {
  trace_context trace;
  request_name name;
  std::string trace_state;  ///< as sent; empty without a trace

  /// Keeps memory.
  void clear() noexcept {
    trace.known = trace.traced = false;
    name.assign({});
    trace_state.clear();
  }
};

}  // namespace factord::service
