// The settings of `factord dev`.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "server/config/config.hpp"

namespace factord::dev_config_test {
namespace {

config ready(const std::vector<const char*>& arguments) {
  const auto outcome = load_config(arguments, {});
  EXPECT_TRUE(outcome.ready) << outcome.text;
  return outcome.ready.value_or(config{});
}

TEST(dev_config, is_a_server_with_a_store_of_its_own) {
  EXPECT_FALSE(ready({"--data-dir", "d"}).dev);
  const config usual = ready({"dev"});
  EXPECT_TRUE(usual.dev);
  EXPECT_EQ(usual.mode, storage::durability::memory);
  EXPECT_EQ(usual.seed_users, 1000U);
  ASSERT_EQ(usual.listens.size(), 1U);
  EXPECT_EQ(net::to_text(usual.listens[0]), "127.0.0.1:0");
}

TEST(dev_config, takes_what_other_servers_take) {
  const config given = ready({"dev", "--seed-users", "0", "--durability", "disk", "--wal-bytes",
                              "2MiB", "--listen", "127.0.0.1:7"});
  EXPECT_EQ(given.mode, storage::durability::disk);
  EXPECT_EQ(given.seed_users, 0U);
  EXPECT_EQ(net::to_text(given.listens.at(0)), "127.0.0.1:7");
}

TEST(dev_config, what_makes_no_sense_is_bad_usage) {
  const std::vector<std::pair<std::vector<const char*>, std::string>> bad = {
      {{"--data-dir", "d", "--seed-users", "1"}, "--seed-users is for factord dev"},
      {{"--data-dir", "d", "--durability", "memory"}, "memory is for factord dev"},
      {{"dev", "--data-dir", "d"}, "factord dev has a store of its own"},
      {{"dev", "--store", "postgres:///d"}, "factord dev has a store of its own"},
      {{"dev", "--require-standby"}, "factord dev has a store of its own"},
      {{"dev", "--bootstrap-token-file", "f"}, "factord dev has a token"},
      {{"dev", "--wal-bytes", "2MiB"}, "need --durability disk or process"},
      {{"dev", "--seed-users", "-1"}, "--seed-users '-1'"},
      {{"dev", "dev"}, "dev"},
      {{"--threads", "1", "dev"}, "dev"}};
  for (const auto& [arguments, part] : bad) {
    const auto outcome = load_config(arguments, {});
    EXPECT_FALSE(outcome.ready);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_NE(outcome.text.find(part), std::string::npos) << outcome.text;
  }
}

}  // namespace
}  // namespace factord::dev_config_test
