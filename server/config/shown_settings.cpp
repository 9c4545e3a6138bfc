// The settings that hold, for those who watch the server and for those who start it.

#include <algorithm>

#include "server/config/settings.hpp"
#include "server/protocol/json/writer.hpp"

namespace factord {
namespace {

std::string json_of(const setting& one, const config& of) {
  std::string value;
  if (one.value.show != nullptr) one.value.show(of, value);
  return value;
}

// A string of TOML is one of JSON, but for one character.
std::string toml_of(const setting& one, const config& of) {
  std::string text;
  for (const char c : json_of(one, of)) {
    if (c == '\x7f') {
      text += "\\u007F";
    } else {
      text += c;
    }
  }
  // What is empty may not stand in a file.
  return text == "[]" ? "" : text;
}

// In a comment, which ends with its line.
std::string on_one_line(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, '?');
  return text;
}

std::string toml_line(const setting& one, const config& of, const setting_sources& from) {
  const std::string name{one.name};
  const auto source = from.find(one.name);
  const bool given = source != from.end();
  const std::string origin = given ? on_one_line(source->second) : "the default";
  if (one.type == setting::kind::secret && given)
    return "# " + name + " is left out, for there may be a password in it: " + origin + "\n";
  const std::string value = toml_of(one, of);
  if (value.empty()) return "# " + name + " is not set\n";
  return name + " = " + value + "  # " + origin + "\n";
}

}  // namespace

std::string settings_as_json(const config& of) {
  std::string out;
  {
    protocol::json_writer object(out);
    for (const setting& one : settings()) {
      const std::string value = one.value.leads_to_secret ? "" : json_of(one, of);
      if (!value.empty()) object.field(one.name) += value;
    }
  }
  return out;
}

std::string settings_as_toml(const config& of, const setting_sources& from) {
  std::string out = "# The settings of factord " FACTORD_VERSION
                    " that hold, and where each comes from.\n# factord --config FILE reads this.\n";
  std::string_view group;
  for (const setting& one : settings()) {
    if (one.group != group) out.append("\n# ").append(one.group).append("\n");
    group = one.group;
    out += toml_line(one, of, from);
  }
  return out;
}

}  // namespace factord
