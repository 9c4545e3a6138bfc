#include "server/config/sources.hpp"

#include <algorithm>

#include "server/config/file.hpp"
#include "server/config/issuer_settings.hpp"
#include "server/config/nearest_name.hpp"
#include "storage/base/ascii.hpp"

namespace factord {
namespace {

// Why a file may not say this, where it is no setting.
std::string objection(const std::string& key) {
  const std::string_view place = place_of_option(key);
  if (place.empty()) return "unknown key '" + key + "'" + question_about(key, "");
  return "'" + key + "' may not stand in a file: " + std::string(place);
}

result<void> check_type(const setting& one, const file_item& item) {
  using enum setting::kind;
  const bool is_list = one.type == list;
  if (item.values.empty())
    return error{errc::bad_argument, "'" + item.key + "' is empty: leave it out"};
  if (item.is_array && !is_list)
    return error{errc::bad_argument, "'" + item.key + "' takes one value"};
  if (!item.is_text && (one.type == text || one.type == secret || is_list))
    return error{errc::bad_argument, "'" + item.key + "' needs quotes around its value"};
  if (item.is_text && one.type == truth)
    return error{errc::bad_argument, "'" + item.key + "' is true or false, without quotes"};
  if (item.is_text && one.type == number)
    return error{errc::bad_argument, "'" + item.key + "' is a number, without quotes"};
  return {};
}

std::string at_line(const std::string& path, std::size_t line) {
  return path + ", line " + std::to_string(line);
}

std::string question_about_issuer(const std::string& unknown) {
  std::vector<std::string> names;
  for (const issuer_setting& one : issuer_settings()) names.emplace_back(one.name);
  const std::string_view bare =
      std::string_view(unknown).substr(unknown.starts_with("jwt-") ? 4 : 0);
  const std::string nearest = nearest_name(bare, names);
  return nearest.empty() ? "" : ": is " + nearest + " meant?";
}

result<void> apply_in_table(const file_item& item, net::issuer_option& out) {
  const auto known = std::ranges::find(issuer_settings(), item.key, &issuer_setting::name);
  if (known == issuer_settings().end()) {
    return error{errc::bad_argument,
                 "unknown key '" + item.key + "' in [[jwt]]" + question_about_issuer(item.key)};
  }
  if (known->is_map && !item.is_map) {
    return error{errc::bad_argument,
                 "'" + item.key + R"(' is a table, such as { "factor-admin" = "IAM_OWNER" })"};
  }
  if (!known->is_map && (item.is_map || item.is_array || !item.is_text))
    return error{errc::bad_argument, "'" + item.key + "' is one string in quotes"};
  if (item.values.empty())
    return error{errc::bad_argument, "'" + item.key + "' is empty: leave it out"};
  for (const std::string& value : item.values) {
    if (const auto applied = known->apply(out, value); !applied) {
      return error{errc::bad_argument, item.key + " '" + value + "': " + applied.error().message};
    }
  }
  return {};
}

result<issuer_table> read_table(const std::string& path, const file_section& section) {
  issuer_table table{.said = {}, .source = at_line(path, section.line)};
  for (const file_item& item : section.items) {
    if (const auto applied = apply_in_table(item, table.said); !applied) {
      return error{errc::bad_argument, at_line(path, item.line) + ": " + applied.error().message};
    }
  }
  return table;
}

// What belongs to the value before it, as in "unix:PATH,mode=0660".
bool is_option_of_value(std::string_view part) {
  const std::string_view name = part.substr(0, part.find('='));
  return !name.empty() && name.size() < part.size() && std::ranges::all_of(name, is_letter);
}

std::vector<std::string> split(std::string_view text, bool has_options) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view part = text.substr(0, comma);
    if (has_options && !parts.empty() && is_option_of_value(part)) {
      parts.back().append(",").append(part);
    } else {
      parts.emplace_back(part);
    }
    if (comma == text.size()) return parts;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

// What is empty is no value of any of them, and each says so (config_test goes through all).
result<void> apply(const setting& one, const std::vector<std::string>& values,
                   const std::string& source, settled& out) {
  out.from[one.name] = source;
  if (one.value.reset != nullptr) one.value.reset(out.values);
  for (const std::string& value : values) {
    const auto applied = one.value.apply(out.values, value);
    const bool shown = one.type != setting::kind::secret || value.empty();
    const std::string what =
        shown ? source + " '" + value + (value.empty() ? "' is empty" : "'") : source;
    if (!applied) return error{errc::bad_argument, what + ": " + applied.error().message};
  }
  return {};
}

result<void> apply_file(const std::string& path, settled& out) {
  const auto file = read_config_file(path);
  if (!file) return file.error();
  for (const file_item& item : file->items) {
    const std::string where = at_line(path, item.line) + ": ";
    const auto known = std::ranges::find(settings(), item.key, &setting::name);
    if (known == settings().end()) return error{errc::bad_argument, where + objection(item.key)};
    if (const auto checked = check_type(*known, item); !checked)
      return error{errc::bad_argument, where + checked.error().message};
    if (auto applied = apply(*known, item.values, where + item.key, out); !applied) return applied;
  }
  for (const file_section& section : file->sections) {
    auto table = read_table(path, section);
    if (!table) return table.error();
    out.values.jwt.tables.push_back(*std::move(table));
  }
  return {};
}

result<void> apply_environment(const environment& variables, settled& out) {
  for (const setting& one : settings()) {
    const auto variable = variables.find(environment_name(one));
    if (variable == variables.end()) continue;
    const auto& [name, value] = *variable;
    const bool is_list = one.type == setting::kind::list;
    const std::vector<std::string> values =
        is_list ? split(value, one.value.has_options) : std::vector{value};
    if (auto applied = apply(one, values, name, out); !applied) return applied;
  }
  return {};
}

std::string question_about(const std::string& unknown, std::string_view prefix) {
  std::vector<std::string> names;
  for (const setting& one : settings()) names.emplace_back(one.name);
  // A file can give no more than settings.
  if (!prefix.empty()) names.insert(names.end(), plain_options.begin(), plain_options.end());
  const std::string nearest = nearest_name(unknown, names);
  return nearest.empty() ? "" : ": is " + std::string(prefix) + nearest + " meant?";
}

}  // namespace factord
