// Every setting has its flag, variable, key, default and place in what people are shown: all from
// the one table.

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "server/config/config.hpp"
#include "server/config/settings.hpp"
#include "tests/unit/support/temp_directory.hpp"

namespace factord::settings_table_test {
namespace {

std::string shown(const std::vector<const char*>& arguments, const environment& variables = {}) {
  const auto outcome = load_config(arguments, variables);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.text;
  EXPECT_FALSE(outcome.ready);
  return outcome.text;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// The one that says this setting's value, or that it has none.
std::string line_of(const setting& one, const std::string& printed) {
  const std::string value = std::string(one.name) + " = ";
  const std::string none = "# " + std::string(one.name) + " is ";
  std::vector<std::string> found;
  for (const std::string& line : lines_of(printed)) {
    if (line.starts_with(value) || line.starts_with(none)) found.push_back(line);
  }
  EXPECT_EQ(found.size(), 1U) << one.name << " in " << printed;
  return found.empty() ? "" : found.front();
}

// As --help writes it.
std::string for_people(std::string value) {
  std::erase_if(value, [](char c) { return c == '"' || c == '[' || c == ']'; });
  if (value == "0ms") return "0s";
  const bool number = std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
  if (!number || value.empty()) return value;
  std::uint64_t size = std::stoull(value);
  if (size >= 1U << 20U && size % (1U << 20U) == 0) return std::to_string(size >> 20U) + "MiB";
  if (size >= 1U << 10U && size % (1U << 10U) == 0) return std::to_string(size >> 10U) + "KiB";
  return value;
}

std::string in_one_line(const std::string& text) {
  std::string joined;
  std::istringstream words(text);
  for (std::string word; words >> word;) joined += (joined.empty() ? "" : " ") + word;
  return joined;
}

TEST(settings_table_test, each_has_a_flag_a_variable_and_a_key_of_its_own) {
  std::set<std::string> names;
  std::set<std::string> variables;
  for (const setting& one : settings()) {
    EXPECT_TRUE(names.insert(std::string(one.name)).second) << one.name;
    EXPECT_TRUE(variables.insert(environment_name(one)).second) << one.name;
    EXPECT_TRUE(std::ranges::all_of(one.name, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    })) << one.name;
    EXPECT_EQ(std::ranges::count(plain_options, one.name), 0) << one.name;
    EXPECT_EQ(one.value_name.empty(), one.type == setting::kind::truth) << one.name;
    EXPECT_NE(one.value.apply, nullptr) << one.name;
    EXPECT_EQ(one.value.show == nullptr, one.type == setting::kind::secret) << one.name;
    EXPECT_EQ(one.value.reset == nullptr, one.type != setting::kind::list) << one.name;
  }
}

TEST(settings_table_test, each_stands_in_the_help_in_its_group_and_in_order) {
  const std::string help = shown({"--help"});
  std::size_t at = 0;
  std::string_view group;
  for (const setting& one : settings()) {
    if (one.group != group) at = help.find(std::string(one.group) + ":", at);
    group = one.group;
    ASSERT_NE(at, std::string::npos) << one.group;
    const std::size_t found = help.find("\n  --" + std::string(one.name) + " ", at);
    ASSERT_NE(found, std::string::npos) << one.name << " stands elsewhere";
    at = found;
  }
  const std::string words = in_one_line(help);
  for (const setting& one : settings())
    EXPECT_NE(words.find(in_one_line(std::string(one.help))), std::string::npos) << one.name;
  for (const std::string_view one : plain_options)
    EXPECT_NE(help.find("--" + std::string(one)), std::string::npos) << one;
}

TEST(settings_table_test, each_is_printed_with_the_default_that_its_help_says) {
  const std::string printed = shown({"--data-dir", "d", "--print-config"});
  for (const setting& one : settings()) {
    const std::string line = line_of(one, printed);
    if (line.starts_with("#")) {
      EXPECT_EQ(line, "# " + std::string(one.name) + " is not set");
      continue;
    }
    const std::size_t comment = line.find("  # ");
    ASSERT_NE(comment, std::string::npos) << line;
    const std::size_t begin = one.name.size() + 3;
    const std::string written = line.substr(begin, comment - begin);
    const bool counts = one.type == setting::kind::number;
    const std::string value = counts ? written : for_people(written);
    const std::string source = line.substr(comment + 4);
    if (one.name == "data-dir") {
      EXPECT_EQ(source, "--data-dir");
      continue;
    }
    EXPECT_EQ(source, "the default") << line;
    if (one.name == "threads") continue;
    if (one.type == setting::kind::truth) {
      EXPECT_EQ(value, "false") << line;
      continue;
    }
    EXPECT_NE(one.help.find(value), std::string_view::npos) << one.name << ": " << value;
    EXPECT_NE(one.help.find("default"), std::string_view::npos) << one.name;
  }
}

TEST(settings_table_test, what_is_printed_is_read_back) {
  const temp_directory directory;
  const std::string path = (directory.path() / "printed.toml").string();
  const std::vector<const char*> given = {"--data-dir",
                                          "d\x7f \"q\"",
                                          "--listen",
                                          "plain:127.0.0.1:0",
                                          "--listen",
                                          "unix:/s,mode=0660,group=root",
                                          "--admin-listen",
                                          "127.0.0.1:9",
                                          "--tls-cert",
                                          "c",
                                          "--tls-key",
                                          "k",
                                          "--cors-origin",
                                          "https://a",
                                          "--drain-delay",
                                          "1500ms",
                                          "--accept-clock-step",
                                          "--max-body-bytes",
                                          "1KiB",
                                          "--threads",
                                          "3",
                                          "--print-config"};
  const std::string printed = shown(given);
  std::ofstream(path) << printed;
  const auto read = load_config(std::vector{"--config", path.c_str()}, {});
  ASSERT_TRUE(read.ready) << read.text;
  EXPECT_EQ(read.ready->data_dir, "d\x7f \"q\"");
  ASSERT_EQ(read.ready->listens.size(), 2U);
  EXPECT_TRUE(read.ready->listens[0].plain);
  EXPECT_EQ(read.ready->tls.key, "k");

  const std::string again = shown({"--config", path.c_str(), "--print-config"});
  for (const setting& one : settings()) {
    const auto value = [&one](const std::string& text) {
      const std::string line = line_of(one, text);
      return line.substr(0, line.find("  # "));
    };
    EXPECT_EQ(value(printed), value(again)) << one.name;
  }
}

TEST(settings_table_test, each_says_where_it_comes_from) {
  const temp_directory directory;
  const std::string path = (directory.path() / "f.toml").string();
  std::ofstream(path) << "threads = 2\nlog-level = \"warn\"\n";
  const std::string printed =
      shown({"--config", path.c_str(), "--log-level", "error", "--print-config"},
            {{"FACTORD_STORE", "postgres://u:secret@h/d"}, {"FACTORD_DRAIN_DELAY", "1s"}});
  const auto line = [&printed](std::string_view name) {
    return line_of(*std::ranges::find(settings(), name, &setting::name), printed);
  };
  EXPECT_EQ(line("threads"), "threads = 2  # " + path + ", line 1: threads");
  EXPECT_EQ(line("log-level"), "log-level = \"error\"  # --log-level");
  EXPECT_EQ(line("drain-delay"), "drain-delay = \"1s\"  # FACTORD_DRAIN_DELAY");
  EXPECT_EQ(line("store"), "# store is left out, for there may be a password in it: FACTORD_STORE");
  EXPECT_EQ(printed.find("secret"), std::string::npos);
}

TEST(settings_table_test, a_check_says_what_a_start_would) {
  EXPECT_EQ(shown({"--data-dir", "d", "--check-config"}), "factord: the settings are good\n");
  for (const auto& arguments : std::vector<std::vector<const char*>>{
           {"--check-config"},
           {"--data-dir", "d", "--print-config", "--x"},
           {"--data-dir", "d", "--check-config", "--tls-cert", "no/c", "--tls-key", "no/k"}}) {
    const auto outcome = load_config(arguments, {});
    EXPECT_EQ(outcome.exit_code, 2) << outcome.text;
    EXPECT_FALSE(outcome.ready);
  }
  const auto twice = shown({"--data-dir", "d", "--check-config", "--print-config"});
  EXPECT_NE(twice.find("data-dir = \"d\""), std::string::npos);
}

TEST(settings_table_test, what_holds_is_shown_without_secrets_and_what_leads_to_them) {
  const std::vector<const char*> given = {"--store",          "postgres://u:hidden@h/d",
                                          "--tls-cert",       "chain.pem",
                                          "--tls-key",        "hidden.pem",
                                          "--admin-listen",   "127.0.0.1:9090",
                                          "--admin-listen",   "unix:m.sock",
                                          "--header-timeout", "1500ms",
                                          "--max-body-bytes", "1KiB",
                                          "--require-standby"};
  const auto outcome = load_config(given, {});
  ASSERT_TRUE(outcome.ready) << outcome.text;
  const std::string shown = settings_as_json(*outcome.ready);
  EXPECT_EQ(shown.find("hidden"), std::string::npos) << shown;
  for (const char* part :
       {R"("require-standby":true)", R"("listen":["127.0.0.1:8080"])",
        R"("admin-listen":["127.0.0.1:9090","unix:m.sock"])", R"("tls-cert":"chain.pem")",
        R"("durability":"disk")", R"("cors-origin":[])", R"("log-level":"info")",
        R"("max-body-bytes":1024)", R"("header-timeout":"1500ms")", R"("idle-timeout":"75s")",
        R"("idempotency-window":"24h")", R"("drain-delay":"0ms")"})
    EXPECT_NE(shown.find(part), std::string::npos) << part << " in " << shown;
}

}  // namespace
}  // namespace factord::settings_table_test
