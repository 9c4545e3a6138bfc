#include "storage/postgres/server_check.hpp"

#include <charconv>
#include <cstdint>
#include <system_error>

#include "storage/model/format.hpp"

namespace factord::storage {

namespace {

constexpr std::uint32_t oldest_version = 130'000;
constexpr std::uint32_t schema_version = 1;

error refused(const std::string& what) {
  return {errc::bad_argument, "the database is refused: " + what};
}

/// The number that all of the text is, by this base.
template <class Number>
std::optional<Number> whole(std::string_view text, int base) noexcept {
  Number number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (failure != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// 0 where it is none.
std::uint32_t number_in(std::string_view text) {
  return whole<std::uint32_t>(text, 10).value_or(0);
}

error not_ours() {
  return {errc::not_a_store, "the schema factord of the database is of something else"};
}

error newer(std::string_view what, const std::string& found, const std::string& known) {
  return {errc::wrong_format, "the store in the database has " + std::string{what} + " " + found +
                                  ", and this program knows none but " + known};
}

}  // namespace

std::optional<server_facts> facts_of(const sql_rows& rows) {
  if (rows.size() != 1) return std::nullopt;
  server_facts facts;
  std::size_t column = 0;
  for (std::string* const fact :
       {&facts.version_number, &facts.fsync, &facts.full_page_writes, &facts.synchronous_commit,
        &facts.read_only, &facts.in_recovery, &facts.process, &facts.timeline, &facts.started_at,
        &facts.standby_names}) {
    if (const auto cell = rows.cell(0, column++)) *fact = *cell;
  }
  return facts;
}

result<void> check_server(const server_facts& facts, int process) {
  if (number_in(facts.version_number) < oldest_version) {
    return refused("its server is older than PostgreSQL 13 (server_version_num is " +
                   facts.version_number + ")");
  }
  if (process != 0 && facts.process != std::to_string(process)) {
    return refused("there is a pooler between it and us: connect to the server itself");
  }
  if (facts.in_recovery != "false") {
    return error{errc::unavailable, "the database is a standby, or recovers"};
  }
  if (facts.fsync != "on") return refused("fsync is " + facts.fsync);
  if (facts.full_page_writes != "on")
    return refused("full_page_writes is " + facts.full_page_writes);
  if (facts.synchronous_commit != "on" && facts.synchronous_commit != "remote_apply") {
    return refused("synchronous_commit is " + facts.synchronous_commit +
                   ", it has to be on or remote_apply");
  }
  if (facts.read_only != "off") {
    return error{errc::unavailable, "the database is read-only (default_transaction_read_only)"};
  }
  return {};
}

std::optional<server_tag> tag_of(const server_facts& facts) noexcept {
  const auto timeline = whole<std::uint32_t>(facts.timeline, 16);
  const auto started_at = whole<std::int64_t>(facts.started_at, 10);
  if (!timeline || *timeline == 0 || !started_at) return std::nullopt;
  return server_tag{.timeline = *timeline, .started_at = *started_at};
}

meta_rows meta_of(const sql_rows& rows) {
  meta_rows all;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto name = rows.cell(row, 0);
    const auto value = rows.cell(row, 1);
    if (name && value) all.emplace(*name, *value);
  }
  return all;
}

result<store_identity> check_meta(const meta_rows& meta) {
  const auto schema = meta.find(meta_name::schema);
  const auto format = meta.find(meta_name::format);
  const auto store_id = meta.find(meta_name::store_id);
  if (schema == meta.end() || number_in(schema->second) == 0) return not_ours();
  if (schema->second != current_schema()) return newer("schema", schema->second, current_schema());
  if (format == meta.end() || store_id == meta.end() || store_id->second.empty()) {
    return not_ours();
  }
  const bool unfinished = format->second == unfinished_format();
  if (!unfinished && format->second != current_format()) {
    return newer("format", format->second, current_format());
  }
  return store_identity{store_id->second, unfinished};
}

std::string current_schema() { return std::to_string(schema_version); }

std::string current_format() {
  return std::to_string(static_cast<unsigned>(store_format::current));
}

std::string unfinished_format() { return current_format() + " unfinished"; }

}  // namespace factord::storage
