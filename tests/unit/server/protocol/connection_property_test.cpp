// Lives of a connection that follow from seeds: what must hold is checked inside. What is left out
// here, because it has more time, is tests/fuzz/connection_fuzz.cpp.

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <string>

#include "tests/support/connection_program.hpp"
#include "tests/support/connection_world.hpp"

namespace factord::testing::connection_property_test {
namespace {

constexpr std::uint64_t lives_per_part = 50;

// A check that fails ends the process: by then this says which life it was.
std::string living;  // NOLINT: read by the signal handler

void on_abort(int) {
  [[maybe_unused]] const auto ignored = ::write(STDERR_FILENO, living.data(), living.size());
}

class connection_property_test : public ::testing::TestWithParam<std::uint64_t> {};

TEST_P(connection_property_test, whatever_happens_each_request_runs_once_and_has_its_answer) {
  const auto before = std::signal(SIGABRT, on_abort);
  const std::uint64_t first = GetParam() * lives_per_part;
  for (std::uint64_t seed = first; seed < first + lives_per_part; ++seed) {
    living = "in the life of seed " + std::to_string(seed) + "\n";
    live_connection(draw_program(seed));
  }
  std::signal(SIGABRT, before);
}

INSTANTIATE_TEST_SUITE_P(seeds, connection_property_test, ::testing::Range<std::uint64_t>(0, 8));

}  // namespace
}  // namespace factord::testing::connection_property_test
