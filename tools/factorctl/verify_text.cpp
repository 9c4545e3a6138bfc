#include "tools/factorctl/verify_text.hpp"

#include "tools/factorctl/text_table.hpp"

namespace factord::ctl {

std::string format_report(const storage::verify_report& report) {
  std::string out;
  const auto line = [&out](const std::string& key, const std::string& value) {
    out += key + ": " + value + '\n';
  };
  line("lastSequence", std::to_string(report.head.sequence));
  line("headHash", storage::to_hex(report.head.hash));
  line("users", std::to_string(report.users));
  line("factors", std::to_string(report.factors));
  line("tokens", std::to_string(report.tokens));
  for (std::uint32_t number = 1; number <= storage::event_type_count; ++number) {
    const std::uint64_t count = report.events_by_type[number];
    if (count == 0) continue;
    line("events." + std::string{name(static_cast<storage::event_type>(number))},
         std::to_string(count));
  }
  for (const std::string& problem : report.problems) line("problem", printable(problem));
  if (report.problems.empty()) out += "ok\n";
  return out;
}

}  // namespace factord::ctl
