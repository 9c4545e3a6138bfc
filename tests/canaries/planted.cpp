#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "storage/base/canary.hpp"
#include "storage/base/enum_table.hpp"

namespace factord {

namespace {

// From the header, in its order: see CMakeLists.txt.
constexpr std::array<std::string_view, count_of<canary>> names{FACTORD_CANARY_NAMES};
static_assert(!names.back().empty(), "a canary's line in the header is not as CMake reads it");

canary chosen() noexcept {
  const char* wanted = std::getenv("FACTORD_CANARY");
  const auto* found = std::find(names.begin(), names.end(), wanted ? wanted : "none");
  if (found == names.end()) {
    std::fprintf(stderr, "FACTORD_CANARY=%s: there is no such canary\n", wanted);
    std::abort();
  }
  return static_cast<canary>(found - names.begin());
}

}  // namespace

bool planted(canary bug) noexcept {
  static const canary in_this_run = chosen();
  return bug == in_this_run;
}

}  // namespace factord
