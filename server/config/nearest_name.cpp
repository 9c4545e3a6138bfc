#include "server/config/nearest_name.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace factord {
namespace {

// Of `a`'s beginnings to one of `b`, a row for each letter of `b`; the last three are enough.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(a.size() + 1);
  std::vector<std::size_t> last(a.size() + 1);
  std::vector<std::size_t> row(a.size() + 1);
  for (std::size_t i = 0; i <= a.size(); ++i) row[i] = i;
  for (std::size_t j = 1; j <= b.size(); ++j) {
    std::swap(before, last);
    std::swap(last, row);
    row[0] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
      const std::size_t other = a[i - 1] == b[j - 1] ? 0 : 1;
      row[i] = std::min({last[i] + 1, row[i - 1] + 1, last[i - 1] + other});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[i] = std::min(row[i], before[i - 2] + 1);
    }
  }
  return row[a.size()];
}

}  // namespace

std::string nearest_name(std::string_view unknown, std::span<const std::string> names) {
  std::string nearest;
  std::size_t least = std::max<std::size_t>(1, unknown.size() / 3) + 1;
  for (const std::string& name : names) {
    // No name is nearer than the letters that it has more or less.
    const std::size_t gap =
        std::max(name.size(), unknown.size()) - std::min(name.size(), unknown.size());
    if (gap >= least) continue;
    const std::size_t found = distance(unknown, name);
    if (found >= least) continue;
    least = found;
    nearest = name;
  }
  return nearest;
}

}  // namespace factord
