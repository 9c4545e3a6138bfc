#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/protocol/json/text.hpp"

namespace factord::protocol {

/// Writes one JSON object field by field, with the commas. What has its default is left out, as in
/// protobuf's JSON mapping. Names are ours and need no escaping.
class json_writer {
 public:
  /// Opens the object; the destructor closes it. `out` outlives this.
  explicit json_writer(std::string& out) : out_(out) { out_.push_back('{'); }
  ~json_writer() { out_.push_back('}'); }
  json_writer(const json_writer&) = delete;
  json_writer& operator=(const json_writer&) = delete;

  void text(std::string_view name, std::string_view value) {
    if (!value.empty()) append_json_string(field(name), value);
  }
  void number(std::string_view name, std::uint64_t value) {
    if (value != 0) append_json_number(field(name), value);
  }
  void time(std::string_view name, timestamp value) {
    if (value != timestamp{}) append_json_time(field(name), value);
  }
  void flag(std::string_view name, bool value) {
    if (value) field(name) += "true";
  }

  /// Writes the name; the caller appends the value.
  std::string& field(std::string_view name) {
    if (!first_) out_.push_back(',');
    first_ = false;
    out_.push_back('"');
    out_.append(name);
    out_ += "\":";
    return out_;
  }

 private:
  std::string& out_;
  bool first_ = true;
};

/// Writes a JSON array; `write(element, out)` appends each.
template <class Range, class Write>
void append_json_array(std::string& out, const Range& elements, Write write) {
  out.push_back('[');
  bool first = true;
  for (const auto& element : elements) {
    if (!first) out.push_back(',');
    first = false;
    write(element, out);
  }
  out.push_back(']');
}

}  // namespace factord::protocol
