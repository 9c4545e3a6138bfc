// The settings that hold, for those who watch the server and for those who start it.

#include <algorithm>

#include "server/config/file.hpp"
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
std::string as_toml(std::string_view json) {
  std::string text;
  for (const char c : json) {
    if (c == '\x7f') {
      text += "\\u007F";
    } else {
      text += c;
    }
  }
  return text;
}

// What is empty may not stand in a file.
std::string toml_of(const setting& one, const config& of) {
  const std::string text = as_toml(json_of(one, of));
  return text == "[]" ? "" : text;
}

std::string role_map_as_toml(const net::issuer_option& of) {
  std::string pairs;
  for (std::size_t i = 0; i < of.roles.size(); ++i) {
    std::string theirs;
    protocol::append_json_string(theirs, of.rules.roles[i]);
    pairs.append(i == 0 ? " " : ", ").append(as_toml(theirs)).append(" = ");
    pairs.append("\"").append(service::name(of.roles[i])).append("\"");
  }
  return "{" + pairs + " }";
}

// In a comment, which ends with its line.
std::string on_one_line(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, '?');
  return text;
}

// It stands behind all that is in no section.
std::string section_as_toml(const issuer_table& table) {
  std::string out = "\n[[jwt]]  # " + on_one_line(table.source) + "\n";
  for (const issuer_setting& one : issuer_settings()) {
    std::string value;
    one.show(table.said, value);
    if (value.empty()) continue;
    out.append(one.name).append(" = ");
    out.append(one.is_map ? role_map_as_toml(table.said) : as_toml(value)).append("\n");
  }
  return out;
}

std::string issuer_as_json(const net::issuer_option& issuer) {
  std::string out;
  {
    protocol::json_writer object(out);
    for (const issuer_setting& one : issuer_settings()) {
      std::string value;
      one.show(issuer, value);
      if (!value.empty()) object.field(one.name) += value;
    }
  }
  return out;
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
    if (!of.jwt.tables.empty()) {
      protocol::append_json_array(
          object.field(section_name), of.jwt.tables,
          [](const issuer_table& one, std::string& to) { to += issuer_as_json(one.said); });
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
  for (const issuer_table& one : of.jwt.tables) out += section_as_toml(one);
  return out;
}

}  // namespace factord
