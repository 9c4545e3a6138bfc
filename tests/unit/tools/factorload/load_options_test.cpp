#include "tools/factorload/load_options.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <vector>

namespace factord::load::load_options_test {
namespace {

std::variant<load_options, int> read(std::initializer_list<const char*> more) {
  std::vector<const char*> argv{"factorload"};
  argv.insert(argv.end(), more);
  return read_command_line(static_cast<int>(argv.size()), argv.data());
}

std::variant<load_options, int> read_with_basics(std::initializer_list<const char*> more) {
  std::vector<const char*> argv{"factorload", "--target", "http://127.0.0.1:1", "--token", "t",
                                "--users",    "100"};
  argv.insert(argv.end(), more);
  return read_command_line(static_cast<int>(argv.size()), argv.data());
}

TEST(load_options, has_defaults) {
  const auto parsed = read_with_basics({});
  const auto* options = std::get_if<load_options>(&parsed);
  ASSERT_NE(options, nullptr);
  EXPECT_EQ(options->server.port, "1");
  EXPECT_EQ(options->ids->size(), 100U);
  EXPECT_EQ(options->ids->at(0), "100000000000000001");
  EXPECT_EQ(options->mode, load_mode::remove);
  EXPECT_EQ(options->connections, 64U);
  EXPECT_EQ(options->pipeline, 1U);
  EXPECT_EQ(options->threads, 1U);
  EXPECT_EQ(options->rate, 0U);
  EXPECT_EQ(options->duration_seconds, 0U);
}

TEST(load_options, takes_all_of_them) {
  const auto parsed = read_with_basics({"--first-id", "05", "--connections", "8", "--rate", "1000",
                                        "--duration", "3", "--pipeline", "16", "--threads", "2",
                                        "--mode", "cycle", "--json", "out.json"});
  const auto* options = std::get_if<load_options>(&parsed);
  ASSERT_NE(options, nullptr);
  EXPECT_EQ(options->ids->at(5), "10");
  EXPECT_EQ(options->mode, load_mode::cycle);
  EXPECT_EQ(options->connections, 8U);
  EXPECT_EQ(options->rate, 1'000U);
  EXPECT_EQ(options->duration_seconds, 3U);
  EXPECT_EQ(options->pipeline, 16U);
  EXPECT_EQ(options->threads, 2U);
  EXPECT_EQ(options->json_file, "out.json");
}

TEST(load_options, ends_a_cycle_some_time) {
  const auto parsed = read_with_basics({"--mode", "cycle"});
  EXPECT_EQ(std::get<load_options>(parsed).duration_seconds, 30U);
}

TEST(load_options, help_is_success) { EXPECT_EQ(std::get<int>(read({"--help"})), 0); }

TEST(load_options, refuses_with_2) {
  const std::initializer_list<const char*> cases[] = {
      {"--connections", "0"},  {"--connections", "65537"},
      {"--pipeline", "1025"},  {"--rate", "0"},
      {"--rate", "1.5"},       {"--duration", "-1"},
      {"--threads", "65"},     {"--threads", "5", "--connections", "4"},
      {"--protocol", "http2"}, {"--protocol", "grpc", "--mode", "cycle", "--pipeline", "2"},
      {"--mode", "add"},       {"--mode", "cycle", "--connections", "101"},
      {"--first-id", "x"},     {"--first-id", "18446744073709551600"},
      {"--unknown"},           {"stray"},
  };
  for (const auto& each : cases) {
    const auto parsed = read_with_basics(each);
    ASSERT_TRUE(std::holds_alternative<int>(parsed)) << *each.begin();
    EXPECT_EQ(std::get<int>(parsed), 2) << *each.begin();
  }
  EXPECT_EQ(std::get<int>(read({"--target", "ftp://x", "--token", "t", "--users", "1"})), 2);
  EXPECT_EQ(std::get<int>(read({"--target", "http://x", "--token", "a b", "--users", "1"})), 2);
  EXPECT_EQ(std::get<int>(read({"--target", "http://x", "--token", "t"})), 2);
}

}  // namespace
}  // namespace factord::load::load_options_test
