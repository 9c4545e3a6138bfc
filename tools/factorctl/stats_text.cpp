#include "tools/factorctl/stats_text.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <string_view>

#include "tools/factorctl/text_table.hpp"

namespace factord::ctl {
namespace {

// Recursive, as deep as the answer is nested: the JSON parser stops at 32.
void append_lines(std::string& out, const std::string& above, const boost::json::object& members) {
  for (const auto& [key, value] : members) {
    const std::string name = above + printable(key);
    if (const auto* nested = value.if_object()) {
      append_lines(out, name + '.', *nested);
      continue;
    }
    const auto* text = value.if_string();
    out +=
        name + ": " + (text != nullptr ? printable(*text) : boost::json::serialize(value)) + '\n';
  }
}

}  // namespace

std::string format_stats(const boost::json::object& stats) {
  std::string out;
  append_lines(out, {}, stats);
  return out;
}

}  // namespace factord::ctl
