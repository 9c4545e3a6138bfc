#include "storage/rocksdb/features.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "storage/base/ascii.hpp"
#include "storage/model/keys.hpp"
#include "storage/rocksdb/failure/status.hpp"
#include "storage/rocksdb/options.hpp"
#include "storage/rocksdb/store_meta.hpp"

namespace factord::storage {

namespace {

/// What this program knows. A row for each name that `meta` has, and for each required feature.
constexpr std::array known_to_us{
    feature{meta::format, feature_kind::original},
    feature{meta::store_id, feature_kind::original},
    feature{meta::durability, feature_kind::original},
    feature{meta::upgrade_from, feature_kind::original},
    feature{meta::token_epoch, feature_kind::ignorable},  // since 0.2.0
    feature{retries_feature, feature_kind::required},     // since 0.2.0
    feature{meta::chain_start, feature_kind::ignorable},  // since 0.2.0, and only beside the next
    feature{renewed_feature, feature_kind::required},     // since 0.2.0
    feature{within_org_feature, feature_kind::required},  // since 0.2.0
};

constexpr std::size_t name_size = 64;
constexpr std::size_t names_required = 64;
constexpr std::size_t names_shown = 16;
constexpr std::size_t number_size = 9;

bool is_name_byte(char byte) {
  return (byte >= 'a' && byte <= 'z') || is_digit(byte) || byte == '_';
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= name_size && std::ranges::all_of(text, is_name_byte);
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= number_size && std::ranges::all_of(text, is_digit);
}

std::optional<store_format> find_format(std::string_view number) {
  for (const store_format known : {store_format::first, store_format::current}) {
    if (number == to_text(known)) return known;
  }
  return std::nullopt;
}

bool knows(std::span<const feature> known, std::string_view name, bool required) {
  return std::ranges::any_of(known, [name, required](const feature& one) {
    return one.name == name && (one.kind == feature_kind::required) == required;
  });
}

void append_name(std::string& list, std::string_view name) {
  list += (list.empty() ? "'" : ", '") + std::string{name} + "'";
}

error damaged() { return {errc::corruption, "has a format that is damaged"}; }

/// Splits at each space; more than there may be are not looked at.
std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> words;
  while (words.size() < names_required + 2) {
    const std::size_t end = text.find(' ');
    words.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return words;
}

/// A name as it may be shown: of a key that any program may have written.
std::string shown(std::string_view name) {
  std::string text{name.substr(0, name_size)};
  std::ranges::replace_if(
      text, [](char byte) { return !is_name_byte(byte); }, '?');
  return text;
}

}  // namespace

std::span<const feature> known_features() noexcept { return known_to_us; }

std::string to_text(store_format format) { return std::to_string(static_cast<unsigned>(format)); }

std::string to_text(const store_layout& layout) {
  std::string text = to_text(layout.format);
  for (const std::string& name : layout.features) text += ' ' + name;
  return text;
}

result<store_layout> parse_layout(std::string_view text, std::span<const feature> known) {
  std::vector<std::string> words = split(text);
  if (!is_number(words.front())) return damaged();
  const auto format = find_format(words.front());
  if (!format) {
    // What follows a number that is not ours is not ours to read.
    return error{errc::wrong_format, "has format version " + words.front() +
                                         "; this program knows versions 1 to " +
                                         to_text(store_format::current)};
  }
  words.erase(words.begin());
  if (words.size() > names_required || !std::ranges::all_of(words, is_name)) return damaged();
  if (std::ranges::adjacent_find(words, std::ranges::greater_equal{}) != words.end())
    return damaged();
  std::string unknown;
  for (const std::string& name : words) {
    if (!knows(known, name, true)) append_name(unknown, name);
  }
  if (unknown.empty()) return store_layout{*format, std::move(words)};
  return error{errc::wrong_format,
               "needs a later version of this program: this one does not know " + unknown};
}

result<layout_of_states> judge_layout(const std::filesystem::path& dir, std::string_view format,
                                      const std::optional<std::string>& from) {
  auto layout = parse_layout(format);
  if (layout && from) layout = parse_layout(*from);
  if (layout) return layout_of_states{*std::move(layout), from.has_value()};
  return error{layout.error().code,
               "the store in " + dir.string() + " " + std::move(layout.error().message)};
}

result<void> require_features(const rocksdb_database& database,
                              std::span<const std::string_view> names, rocksdb::WriteBatch& batch) {
  const auto text = read_meta(database, meta::format);
  if (!text) return text.error();
  auto layout = parse_layout(text->value_or(std::string{}));
  if (!layout) return layout.error();
  bool changed = false;
  for (const std::string_view name : names) {
    const auto place = std::ranges::lower_bound(layout->features, name);
    if (place != layout->features.end() && *place == name) continue;
    layout->features.emplace(place, name);
    changed = true;
  }
  if (changed) put_meta(database, meta::format, to_text(*layout), batch);
  return {};
}

void features_in_use::use(std::string_view name) {
  if (std::ranges::find(names_, name) == names_.end()) names_.push_back(name);
}

result<void> features_in_use::put_new(const rocksdb_database& database,
                                      rocksdb::WriteBatch& batch) {
  if (put_ == names_.size()) return {};
  auto put = require_features(database, std::span{names_}.subspan(put_), batch);
  if (put) put_ = names_.size();
  return put;
}

result<std::optional<std::string>> describe_ignored(const rocksdb_database& database) {
  std::string first;
  set_meta_key(first, {});
  std::string names;
  std::size_t count = 0;
  const std::unique_ptr<rocksdb::Iterator> at{
      database.db().NewIterator(range_options(nullptr), database.states())};
  for (at->Seek(first); at->Valid() && at->key().starts_with(first); at->Next()) {
    const std::string_view name = at->key().ToStringView().substr(first.size());
    if (knows(known_features(), name, false)) continue;
    if (++count <= names_shown) append_name(names, shown(name));
  }
  if (!at->status().ok()) return to_error(at->status(), "reading what the store says of itself");
  if (count == 0) return std::nullopt;
  if (count > names_shown) names += " and " + std::to_string(count - names_shown) + " more";
  return "the store has features of a later version, which this one keeps and passes over: " +
         names;
}

}  // namespace factord::storage
