#include "tests/support/connection_bulk.hpp"

#include <algorithm>

#include "storage/base/check.hpp"

namespace factord::testing {
namespace {

constexpr std::size_t lines_most = 6;
constexpr std::string_view malformed = "x";

std::string removal_of(const std::string& user) { return R"({"userId":")" + user + R"("})"; }

std::vector<std::string> lines_of(std::size_t number) {
  std::vector<std::string> lines(number % lines_most, removal_of("r" + std::to_string(number)));
  for (std::size_t i = 1; i < lines.size(); i += 3) lines[i] = malformed;
  lines.push_back(removal_of("known"));
  return lines;
}

/// As its beginning says.
bool is_answer(std::string_view said, const std::string& line, std::size_t line_number) {
  if (line == malformed)
    return said.starts_with(R"({"line":)" + std::to_string(line_number) + R"(,"status":400,)");
  const std::string begin = line.substr(0, line.size() - 1) + R"(,"status":)";
  return said.starts_with(begin + "404,") && said.find("COMMAND-b312D") != said.npos;
}

bool is_removal(std::string_view said, const std::string& line) {
  return line == removal_of("known") &&
         said.starts_with(R"({"userId":"known","status":200,"sequence":")");
}

}  // namespace

std::string bulk_body(std::size_t number) {
  std::string body;
  for (const std::string& line : lines_of(number)) body += line + "\n";
  return body;
}

std::size_t removals_in_bulk(std::size_t number) {
  const auto lines = lines_of(number);
  const std::string its_own = removal_of("r" + std::to_string(number));
  return static_cast<std::size_t>(std::ranges::count(lines, its_own));
}

bulk_seen read_bulk(std::string_view body, std::size_t number) {
  const auto lines = lines_of(number);
  bulk_seen seen;
  std::size_t answered = 0;
  while (!body.empty()) {
    const std::size_t end = body.find('\n');
    FACTORD_CHECK(end != body.npos && !seen.said_why);
    const std::string_view said = body.substr(0, end);
    body.remove_prefix(end + 1);
    const bool removed = answered < lines.size() && is_removal(said, lines[answered]);
    if (removed) ++seen.removed;
    if (removed || (answered < lines.size() && is_answer(said, lines[answered], answered + 1))) {
      ++answered;
      continue;
    }
    FACTORD_CHECK(said.starts_with(R"({"line":)" + std::to_string(answered + 1) + ","));
    seen.said_why = true;
  }
  seen.all = answered == lines.size();
  return seen;
}

}  // namespace factord::testing
