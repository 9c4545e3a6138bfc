#include "tools/factorctl/removal_batch.hpp"

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

std::string as_request(std::string_view line) {
  if (line.empty() || line.front() == '{') return std::string(line);
  return json::serialize(json::object{{"userId", json::string_view(line.data(), line.size())}});
}

std::uint64_t number(const json::object& from, const char* name) {
  const json::value* const found = from.if_contains(name);
  if (found == nullptr || !found->is_int64() || found->get_int64() < 0) return 0;
  return static_cast<std::uint64_t>(found->get_int64());
}

// Why the server says nothing of the lines from `line` on.
error stopped(std::uint64_t line, const json::object& last) {
  const json::value* const why = last.if_contains("error");
  const json::value* const said =
      why != nullptr && why->is_object() ? why->get_object().if_contains("message") : nullptr;
  std::string text = "stopped before line " + std::to_string(line);
  if (said != nullptr && said->is_string()) text.append(": ").append(said->get_string().c_str());
  return {errc::io_error, text + "; what is done is not done again: start it anew"};
}

}  // namespace

removal_batch take_removals(std::string_view& file, std::uint64_t first_line) {
  removal_batch batch{first_line, 0, 0, {}};
  while (!file.empty() && batch.lines < batch_lines && batch.text.size() < batch_bytes) {
    const std::string line = as_request(take_line(file));
    batch.text.append(line).append("\n");
    ++batch.lines;
    if (!line.empty()) ++batch.asked;
  }
  return batch;
}

result<void> count_removals(const removal_batch& batch, std::string_view answer,
                            removal_counts& counts, std::string& failures) {
  for (std::uint64_t answers = 1; !answer.empty(); ++answers) {
    const std::string_view line = take_line(answer);
    boost::system::error_code bad;
    json::value parsed = json::parse({line.data(), line.size()}, bad);
    if (bad || !parsed.is_object()) return error{errc::io_error, "the server's answer is not JSON"};
    json::object& said = parsed.get_object();
    const std::uint64_t at = number(said, "line");
    if (at != 0) said["line"] = batch.first_line + at - 1;
    const std::uint64_t status = number(said, "status");
    if (status == 200) {
      ++counts.removed;
      if (said.contains("replayed")) ++counts.replayed;
      continue;
    }
    const bool is_last = answer.empty() && answers < batch.asked;
    if (!said.contains("userId") && (status != 400 || is_last))
      return stopped(batch.first_line + at - 1, said);
    ++counts.failed;
    failures.append(json::serialize(said)).append("\n");
  }
  return {};
}

}  // namespace factord::ctl
