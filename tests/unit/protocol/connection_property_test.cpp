// Lives of a connection that follow from seeds: what must hold is checked inside. What is left out
// here, because it has more time, is tests/fuzz/connection_fuzz.cpp.

#include <gtest/gtest.h>

#include "tests/support/connection_world.hpp"

namespace factord::testing {
namespace {

constexpr std::uint64_t lives_per_part = 50;

class connection_property_test : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(connection_property_test, whatever_happens_each_request_runs_once_and_has_its_answer) {
  const std::uint64_t first = GetParam() * lives_per_part;
  for (std::uint64_t seed = first; seed < first + lives_per_part; ++seed) {
    SCOPED_TRACE(seed);  // a check that fails ends the process: its part is in the test's name
    live_connection(draw_program(seed));
  }
}

INSTANTIATE_TEST_SUITE_P(seeds, connection_property_test, ::testing::Range<std::uint64_t>(0, 8));

}  // namespace
}  // namespace factord::testing
