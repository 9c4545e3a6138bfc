#include "tools/factorctl/bulk_batch.hpp"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace factord::ctl {
namespace {

namespace json = boost::json;

// A server that reads ahead what a body may have by default takes all of it, whoever reads its
// answers how.
constexpr std::size_t batch_bytes = 48U << 10U;
constexpr std::uint64_t batch_lines = 1'000;

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
  while (!line.empty() && is_blank(line.back())) line.remove_suffix(1);
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  return line;
}

std::uint64_t number(const json::object& from, const char* name) {
  const json::value* const found = from.if_contains(name);
  if (found == nullptr || !found->is_int64() || found->get_int64() < 0) return 0;
  return static_cast<std::uint64_t>(found->get_int64());
}

// As the server says it of a line that it could not read.
std::string too_long(std::uint64_t line, std::size_t most) {
  const std::string why = "the line is longer than " + std::to_string(most) + " bytes";
  const json::object said{
      {"line", line}, {"status", 400}, {"error", {{"code", 3}, {"message", why}}}};
  return json::serialize(said) + "\n";
}

// What the rest would be told as well: it ends a bulk.
bool ends_all(std::uint64_t status) { return status == 401 || status == 503 || status == 504; }

// Why the server says nothing of the lines from `line` on.
error stopped(std::uint64_t line, const json::object& last) {
  const json::value* const why = last.if_contains("error");
  const json::value* const said =
      why != nullptr && why->is_object() ? why->get_object().if_contains("message") : nullptr;
  std::string text = "stopped before line " + std::to_string(line);
  if (said != nullptr && said->is_string()) text.append(": ").append(said->get_string().c_str());
  return {errc::io_error, text};
}

void count(const json::object& said, bulk_results& results) {
  if (number(said, "status") / 100 != 2) {
    ++results.failed;
    results.failures.append(json::serialize(said)).append("\n");
    return;
  }
  ++(said.contains("sequence") ? results.done : results.would);
  if (said.contains("replayed")) ++results.replayed;
  if (said.contains("emailCode")) results.codes.append(json::serialize(said)).append("\n");
}

}  // namespace

bulk_batch take_batch(std::string_view& file, std::uint64_t first_line, const line_rules& rules) {
  bulk_batch batch;
  batch.first_line = first_line;
  for (std::string_view rest = file; !rest.empty() && batch.lines < batch_lines; file = rest) {
    const std::string_view found = take_line(rest);
    // Nothing gets shorter by being made a request: what is huge is not copied.
    std::string line = found.size() > rules.most ? std::string() : rules.as_request(found);
    const std::size_t bytes = std::max(found.size(), line.size());
    if (batch.lines > 0 && batch.text.size() + bytes >= batch_bytes) break;
    if (bytes > rules.most) {
      batch.failures += too_long(first_line + batch.lines, rules.most);
      ++batch.too_long;
      line.clear();
    }
    batch.text.append(line).append("\n");
    ++batch.lines;
    if (!line.empty()) ++batch.asked;
  }
  return batch;
}

result<void> count_answers(const bulk_batch& batch, std::string_view answer,
                           bulk_results& results) {
  results.failed += batch.too_long;
  results.failures += batch.failures;
  std::uint64_t answers = 0;
  while (!answer.empty()) {
    const std::string_view line = take_line(answer);
    ++answers;
    boost::system::error_code bad;
    json::value parsed = json::parse({line.data(), line.size()}, bad);
    if (bad || !parsed.is_object()) return error{errc::io_error, "the server's answer is not JSON"};
    json::object& said = parsed.get_object();
    const std::uint64_t at = number(said, "line");
    if (at != 0) said["line"] = batch.first_line + at - 1;
    const bool ends = answers != batch.asked || ends_all(number(said, "status"));
    if (answer.empty() && ends && !said.contains("userId"))
      return stopped(batch.first_line + at - 1, said);
    count(said, results);
  }
  if (answers != batch.asked) return error{errc::io_error, "the server's answer is cut short"};
  return {};
}

}  // namespace factord::ctl
