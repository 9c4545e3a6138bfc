#include "server/config/config.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "server/config/settings.hpp"
#include "tests/unit/support/temp_directory.hpp"

namespace factord::config_test {
namespace {

using namespace std::chrono_literals;

class config_test : public ::testing::Test {
 protected:
  [[nodiscard]] std::string write_file(std::string_view text) const {
    const std::string path = (directory_.path() / "factord.toml").string();
    std::ofstream(path) << text;
    return path;
  }

  [[nodiscard]] config_outcome load(const std::vector<const char*>& arguments) const {
    return load_config(arguments, environment_);
  }

  const temp_directory directory_;
  environment environment_;
};

std::vector<std::string> texts(const config& of) {
  std::vector<std::string> all;
  for (const auto& one : of.listens) all.push_back(net::to_text(one));
  return all;
}

TEST_F(config_test, defaults_are_the_limits_of_the_design) {
  const auto outcome = load({"--data-dir", "d"});
  ASSERT_TRUE(outcome.ready) << outcome.text;
  EXPECT_EQ(outcome.ready->data_dir, "d");
  EXPECT_EQ(texts(*outcome.ready), std::vector<std::string>{"127.0.0.1:8080"});
  EXPECT_GE(outcome.ready->threads, 1U);
  EXPECT_EQ(outcome.ready->mode, storage::durability::disk);
  EXPECT_EQ(outcome.ready->log_level, log::level::info);
  EXPECT_EQ(outcome.ready->drain_delay, 0ms);
  EXPECT_TRUE(outcome.ready->cors_origins.empty());
  EXPECT_EQ(outcome.ready->bounds.connections, 10'000U);
  EXPECT_EQ(outcome.ready->bounds.header_bytes, 8192U);
  EXPECT_EQ(outcome.ready->bounds.commit.queue_commands, 65'536U);
}

struct set_and_read {
  const char* name;
  const char* value;
  std::uint64_t expected;
  std::uint64_t (*read)(const config& from);
};

std::uint64_t number(auto value) { return static_cast<std::uint64_t>(value); }

// One per setting, so that no two of them write to the same place.
const std::vector<set_and_read> readers = {
    {"data-dir", "dd", 2, [](const config& c) { return number(c.data_dir.string().size()); }},
    {"store", "postgres://h/d", 1,
     [](const config& c) { return number(place_of_store(c).is_shared()); }},
    {"listen", "[::1]:77", 77, [](const config& c) { return number(c.listens.at(0).port); }},
    {"admin-listen", "[::1]:78", 78,
     [](const config& c) { return number(c.admin_listens.at(0).port); }},
    {"tls-handshake-timeout", "17ms", 17,
     [](const config& c) { return number(c.bounds.tls_handshake_time.count()); }},
    {"threads", "7", 7, [](const config& c) { return number(c.threads); }},
    {"durability", "process", 1,
     [](const config& c) { return number(c.mode == storage::durability::process); }},
    {"seed-users", "6", 6, [](const config& c) { return number(c.seed_users.value_or(0)); }},
    {"cors-origin", "https://a", 1, [](const config& c) { return number(c.cors_origins.size()); }},
    {"log-level", "warn", 3, [](const config& c) { return number(c.log_level); }},
    {"bootstrap-token-file", "btf", 3,
     [](const config& c) { return number(c.bootstrap.file.size()); }},
    {"access-log", "slow", 2, [](const config& c) { return number(c.told.logged.level); }},
    {"slow-request", "7ms", 7, [](const config& c) { return number(c.told.logged.slow.count()); }},
    {"otlp-endpoint", "http://h:99", 99,
     [](const config& c) { return number(c.told.traced.collector.port); }},
    {"trace-sample", "0.25", 250'000,
     [](const config& c) { return number(c.told.traced.sampled); }},
    {"trace-trust-remote", "true", 1,
     [](const config& c) { return number(c.told.traced.trusts_clients); }},
    {"server-timing", "true", 1, [](const config& c) { return number(c.told.times_answers); }},
    {"drain-delay", "11s", 11'000, [](const config& c) { return number(c.drain_delay.count()); }},
    {"allow-reset", "true", 1, [](const config& c) { return number(c.allow_reset); }},
    {"accept-clock-step", "true", 1, [](const config& c) { return number(c.accept_clock_step); }},
    {"max-connections", "12", 12, [](const config& c) { return number(c.bounds.connections); }},
    {"max-header-bytes", "1300", 1300,
     [](const config& c) { return number(c.bounds.header_bytes); }},
    {"max-body-bytes", "1KiB", 1024, [](const config& c) { return number(c.bounds.body_bytes); }},
    {"max-http2-streams", "16", 16, [](const config& c) { return number(c.bounds.http2_streams); }},
    {"idempotency-window", "3h", 10'800'000,
     [](const config& c) { return number(c.bounds.retry_window.count()); }},
    {"max-event-streams", "14", 14, [](const config& c) { return number(c.bounds.event_streams); }},
    {"max-bulk-lines", "13", 13, [](const config& c) { return number(c.bounds.bulk_lines); }},
    {"max-http2-resets", "17", 17, [](const config& c) { return number(c.bounds.http2_resets); }},
    {"max-http2-acks", "18", 18, [](const config& c) { return number(c.bounds.http2_acks); }},
    {"max-pipelined-requests", "15", 15,
     [](const config& c) { return number(c.bounds.pipelined_requests); }},
    {"max-output-bytes", "16KiB", 16'384,
     [](const config& c) { return number(c.bounds.output_bytes); }},
    {"max-buffered-bytes", "17MiB", 17U << 20U,
     [](const config& c) { return number(c.bounds.all_buffers_bytes); }},
    {"header-timeout", "18ms", 18,
     [](const config& c) { return number(c.bounds.header_time.count()); }},
    {"body-timeout", "19ms", 19,
     [](const config& c) { return number(c.bounds.body_time.count()); }},
    {"write-timeout", "20ms", 20,
     [](const config& c) { return number(c.bounds.write_time.count()); }},
    {"idle-timeout", "21ms", 21,
     [](const config& c) { return number(c.bounds.idle_time.count()); }},
    {"drain-timeout", "22ms", 22,
     [](const config& c) { return number(c.bounds.drain_time.count()); }},
    {"max-discard-bytes", "30KiB", 30'720,
     [](const config& c) { return number(c.bounds.discard_bytes); }},
    {"discard-timeout", "31ms", 31,
     [](const config& c) { return number(c.bounds.discard_time.count()); }},
    {"accept-backoff", "32ms", 32,
     [](const config& c) { return number(c.bounds.accept_backoff.count()); }},
    {"queue-commands", "23", 23,
     [](const config& c) { return number(c.bounds.commit.queue_commands); }},
    {"queue-bytes", "24KiB", 24'576,
     [](const config& c) { return number(c.bounds.commit.queue_bytes); }},
    {"batch-commands", "25", 25,
     [](const config& c) { return number(c.bounds.commit.batch_commands); }},
    {"batch-bytes", "26KiB", 26'624,
     [](const config& c) { return number(c.bounds.commit.batch_bytes); }},
    {"write-buffer-bytes", "27MiB", 27U << 20U,
     [](const config& c) { return number(c.bounds.write_buffer_bytes); }},
    {"wal-bytes", "28MiB", 28U << 20U, [](const config& c) { return number(c.bounds.wal_bytes); }},
    {"block-cache-bytes", "29MiB", 29U << 20U,
     [](const config& c) { return number(c.bounds.block_cache_bytes); }},
};

const setting& find_setting(std::string_view name) {
  return *std::ranges::find(settings(), name, &setting::name);
}

TEST_F(config_test, every_setting_from_every_source) {
  std::set<std::string_view> covered;
  for (const set_and_read& one : readers) {
    SCOPED_TRACE(one.name);
    covered.insert(one.name);
    const std::string flag = "--" + std::string(one.name);
    const setting::kind type = find_setting(one.name).type;
    const bool dev = std::string_view(one.name) == "seed-users";
    const bool alone = dev || std::string_view(one.name) == "data-dir";
    const std::vector<const char*> word(dev ? 1 : 0, "dev");
    auto arguments = word;
    if (!alone) arguments = {"--data-dir", "x"};
    arguments.push_back(flag.c_str());
    if (type != setting::kind::truth) arguments.push_back(one.value);
    auto outcome = load(arguments);
    ASSERT_TRUE(outcome.ready) << outcome.text;
    EXPECT_EQ(one.read(*outcome.ready), one.expected);

    if (!dev) environment_ = {{"FACTORD_DATA_DIR", "x"}};
    environment_[environment_name(find_setting(one.name))] = one.value;
    outcome = load(word);
    ASSERT_TRUE(outcome.ready) << outcome.text;
    EXPECT_EQ(one.read(*outcome.ready), one.expected);
    environment_.clear();

    const bool plain = type == setting::kind::number || type == setting::kind::truth;
    const std::string value = plain ? one.value : "\"" + std::string(one.value) + "\"";
    const std::string file = write_file(std::string(one.name) + " = " + value + "\n" +
                                        (alone ? "" : "data-dir = \"x\"\n"));
    arguments = word;
    arguments.insert(arguments.end(), {"--config", file.c_str()});
    outcome = load(arguments);
    ASSERT_TRUE(outcome.ready) << outcome.text;
    EXPECT_EQ(one.read(*outcome.ready), one.expected);
  }
  // The files of TLS are of use only together, as is what is said of the bootstrap token and of an
  // issuer (issuer_settings_test), and one setting only with --store.
  EXPECT_EQ(covered.size() + 14, settings().size());
}

TEST_F(config_test, the_files_of_tls_from_every_source) {
  const auto check = [](const config_outcome& outcome) {
    ASSERT_TRUE(outcome.ready) << outcome.text;
    EXPECT_EQ(outcome.ready->tls.certificate, "c");
    EXPECT_EQ(outcome.ready->tls.key, "k");
    EXPECT_EQ(outcome.ready->tls.client_ca, "a");
  };
  check(load({"--data-dir", "x", "--tls-cert", "c", "--tls-key", "k", "--tls-client-ca", "a"}));
  environment_ = {{"FACTORD_DATA_DIR", "x"},
                  {"FACTORD_TLS_CERT", "c"},
                  {"FACTORD_TLS_KEY", "k"},
                  {"FACTORD_TLS_CLIENT_CA", "a"}};
  check(load({}));
  environment_.clear();
  const std::string file =
      write_file("data-dir = \"x\"\ntls-cert = \"c\"\ntls-key = \"k\"\ntls-client-ca = \"a\"\n");
  check(load({"--config", file.c_str()}));
}

TEST_F(config_test, the_bootstrap_token_from_every_source) {
  const auto check = [](const config_outcome& outcome) {
    ASSERT_TRUE(outcome.ready) << outcome.text;
    const auto& grant = outcome.ready->bootstrap.grant;
    EXPECT_EQ(outcome.ready->bootstrap.file, "t");
    EXPECT_EQ(grant.user_id, "ops");
    EXPECT_EQ(grant.org, "acme");
    EXPECT_TRUE(grant.roles.contains(service::role::org_owner));
    EXPECT_TRUE(grant.roles.contains(service::role::org_user_manager));
    EXPECT_FALSE(grant.roles.contains(service::role::iam_owner));
  };
  check(load({"--data-dir", "x", "--bootstrap-token-file", "t", "--bootstrap-user", "ops",
              "--bootstrap-roles", "ORG_OWNER", "--bootstrap-roles", "ORG_USER_MANAGER",
              "--bootstrap-org", "acme"}));
  environment_ = {{"FACTORD_DATA_DIR", "x"},
                  {"FACTORD_BOOTSTRAP_TOKEN_FILE", "t"},
                  {"FACTORD_BOOTSTRAP_USER", "ops"},
                  {"FACTORD_BOOTSTRAP_ROLES", "ORG_OWNER,ORG_USER_MANAGER"},
                  {"FACTORD_BOOTSTRAP_ORG", "acme"}};
  check(load({}));
  environment_.clear();
  const std::string file = write_file(
      "data-dir = \"x\"\nbootstrap-token-file = \"t\"\nbootstrap-user = \"ops\"\n"
      "bootstrap-roles = [\"ORG_OWNER\", \"ORG_USER_MANAGER\"]\nbootstrap-org = \"acme\"\n");
  check(load({"--config", file.c_str()}));
}

TEST_F(config_test, a_bootstrap_token_is_an_owners_where_nothing_else_is_said) {
  const auto outcome = load({"--data-dir", "x", "--bootstrap-token-file", "t"});
  ASSERT_TRUE(outcome.ready) << outcome.text;
  EXPECT_EQ(outcome.ready->bootstrap.grant.user_id, "bootstrap");
  EXPECT_TRUE(outcome.ready->bootstrap.grant.roles.contains(service::role::iam_owner));
  EXPECT_EQ(settings_as_json(*outcome.ready).find("bootstrap-token-file"), std::string::npos)
      << "it leads to a secret";
}

TEST_F(config_test, flags_over_environment_over_file) {
  const std::string file =
      write_file("data-dir = \"f\"\nthreads = 1\nlisten = [\"127.0.0.1:1\", \"127.0.0.1:2\"]\n");
  environment_ = {{"FACTORD_CONFIG", file}};
  auto outcome = load({});
  ASSERT_TRUE(outcome.ready) << outcome.text;
  EXPECT_EQ(outcome.ready->threads, 1U);
  EXPECT_EQ(texts(*outcome.ready), (std::vector<std::string>{"127.0.0.1:1", "127.0.0.1:2"}));

  environment_["FACTORD_THREADS"] = "2";
  environment_["FACTORD_LISTEN"] = "127.0.0.1:3,unix:/s";
  outcome = load({});
  ASSERT_TRUE(outcome.ready) << outcome.text;
  EXPECT_EQ(outcome.ready->threads, 2U);
  EXPECT_EQ(texts(*outcome.ready), (std::vector<std::string>{"127.0.0.1:3", "unix:/s"}));

  outcome = load({"--threads", "3", "--listen", "127.0.0.1:4", "--listen=127.0.0.1:5"});
  ASSERT_TRUE(outcome.ready) << outcome.text;
  EXPECT_EQ(outcome.ready->threads, 3U);
  EXPECT_EQ(texts(*outcome.ready), (std::vector<std::string>{"127.0.0.1:4", "127.0.0.1:5"}));
  EXPECT_EQ(outcome.ready->data_dir, "f");
}

TEST_F(config_test, who_may_connect_to_a_unix_socket_from_every_source) {
  const std::string one = "unix:/s,mode=0660,group=root";
  const auto check = [](const config_outcome& outcome) {
    ASSERT_TRUE(outcome.ready) << outcome.text;
    for (const auto* all : {&outcome.ready->listens, &outcome.ready->admin_listens}) {
      ASSERT_EQ(all->size(), 2U);
      EXPECT_EQ(all->at(0).mode, 0660U);
      EXPECT_EQ(all->at(0).group, gid_t{0});
      EXPECT_EQ(net::to_text(all->at(1)), "127.0.0.1:3");
    }
  };
  check(load({"--data-dir", "d", "--listen", one.c_str(), "--listen", "127.0.0.1:3",
              "--admin-listen", one.c_str(), "--admin-listen", "127.0.0.1:3"}));
  environment_ = {{"FACTORD_LISTEN", one + ",127.0.0.1:3"},
                  {"FACTORD_ADMIN_LISTEN", one + ",127.0.0.1:3"},
                  {"FACTORD_DATA_DIR", "d"}};
  check(load({}));
  environment_.clear();
  const std::string both = "listen = [\"" + one + "\", \"127.0.0.1:3\"]\n";
  const std::string file = write_file("data-dir = \"d\"\n" + both + "admin-" + both);
  check(load({"--config", file.c_str()}));
}

TEST_F(config_test, bad_usage_says_what_and_where) {
  const std::string unknown = write_file("data-dir = \"d\"\n\nthread = 1\n");
  const std::string folder = directory_.path().string();
  for (const auto& [arguments, part] :
       std::vector<std::pair<std::vector<const char*>, std::string>>{
           {{}, "--data-dir is needed, or --store"},
           {{"--data-dir", "d", "--require-standby"}, "--require-standby needs --store"},
           {{"--store", "data"}, "--store: the address of the database: it does not begin with"},
           {{"--store", "postgres:///d", "--durability", "process"}, "when a change is durable"},
           {{"--store", "postgres:///d", "--wal-bytes", "1MiB"}, "are of the store in --data-dir"},
           {{"--store", "postgres:///d", "--write-buffer-bytes", "8MiB"}, "are of the store in"},
           {{"--store", "postgres:///d", "--block-cache-bytes", "1MiB"}, "are of the store in"},
           {{"--store", "postgres:///d", "--allow-reset"}, "other servers may share a database"},
           {{"--data-dir", ""}, "a directory is needed"},
           {{"--data-dir", "d", "--threads", "0"}, "--threads '0': a whole number from 1 to 256"},
           {{"--data-dir", "d", "--threads", "1", "--threads", "2"}, "--threads"},
           {{"--data-dir", "d", "--listen", "8080"}, "--listen '8080'"},
           {{"--data-dir", "d", "--listen"}, "--listen"},
           {{"--data-dir", "d", "--listen", "unix:/s,group=no-such"},
            "--listen 'unix:/s,group=no-such': there is no group no-such"},
           {{"--data-dir", "d", "--admin-listen", "unix:/s,mode=0999"},
            "--admin-listen 'unix:/s,mode=0999': mode=0999: an octal number"},
           {{"--data-dir", "d", "--bootstrap-user", "u"}, "need --bootstrap-token-file"},
           {{"--data-dir", "d", "--bootstrap-roles", "IAM_OWNER"}, "need --bootstrap-token-file"},
           {{"--data-dir", "d", "--bootstrap-org", "o"}, "need --bootstrap-token-file"},
           {{"--data-dir", "d", "--bootstrap-token-file", "t", "--bootstrap-roles", "BOSS"},
            "--bootstrap-roles 'BOSS': IAM_OWNER or another role is needed"},
           {{"--data-dir", "d", "--bootstrap-token-file", "t", "--bootstrap-roles", "ORG_OWNER"},
            "ORG_OWNER needs an organization"},
           {{"--data-dir", "d", "--bootstrap-token-file", "t", "--bootstrap-org", "o"},
            "an organization needs a role that holds on it"},
           {{"--data-dir", "d", "--bootstrap-token-file", "t", "--bootstrap-org", "o",
             "--bootstrap-roles", "IAM_OWNER"},
            "IAM_OWNER holds on every organization"},
           {{"--data-dir", "d", "--tls-cert", "c"}, "--tls-cert and --tls-key need each other"},
           {{"--data-dir", "d", "--tls-key", "k"}, "--tls-cert and --tls-key need each other"},
           {{"--data-dir", "d", "--tls-client-ca", "a"}, "--tls-client-ca needs --tls-cert"},
           {{"--data-dir", "d", "--tls-cert", "", "--tls-key", "k"}, "--tls-cert ''"},
           {{"--data-dir", "d", "--durability", "none"}, "disk or process is needed"},
           {{"--data-dir", "d", "--log-level", "loud"}, "trace, debug, info, warn or error"},
           {{"--data-dir", "d", "--cors-origin", "*"}, "--cors-origin '*'"},
           {{"--data-dir", "d", "--max-header-bytes", "1"}, "from 256 to 1MiB"},
           {{"--data-dir", "d", "--accept-clock-step=maybe"}, "true or false is needed"},
           {{"--data-dir", "d", "--accept-clock-step", "true"}, "true"},
           {{"--data-dir", "d", "--no-such-flag"}, "--no-such-flag\n"},
           {{"--data-dir", "d", "--max-conections=7"}, "is --max-connections meant?"},
           {{"--data-dir", "d", "--listne", "x"}, "is --listen meant?"},
           {{"--data-dir", "d", "--listen", ""}, "--listen '' is empty: "},
           {{"--data-dir", "d", "--cors-origin", ""}, "--cors-origin '' is empty: "},
           {{"--data-dir", "d", "--log-level", ""}, "--log-level '' is empty: "},
           {{"--data-dir", "d", "--config", ""}, "--config '' is empty: a file is needed"},
           {{"--data-dir", "d", "argument"}, "argument"},
           {{"--config", unknown.c_str()}, "line 3: unknown key 'thread': is threads meant?"},
           {{"--config", folder.c_str()}, folder + ": cannot be read: Is a directory"},
           {{"--config", "no/such/file"}, "no/such/file: cannot be read: No such file"}}) {
    const auto outcome = load(arguments);
    EXPECT_FALSE(outcome.ready);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_NE(outcome.text.find(part), std::string::npos) << outcome.text;
  }
}

TEST_F(config_test, the_store_is_in_the_data_directory_or_in_a_database) {
  auto outcome = load({"--data-dir", "d"});
  ASSERT_TRUE(outcome.ready) << outcome.text;
  EXPECT_FALSE(place_of_store(*outcome.ready).is_shared());
  EXPECT_EQ(place_of_store(*outcome.ready).shown(), "d");
  for (const auto& arguments : {std::vector{"--store", "postgres://u:secret@h/d"},
                                std::vector{"--store", "postgres://u:secret@h/d", "--data-dir", "d",
                                            "--durability", "disk"}}) {
    outcome = load(arguments);
    ASSERT_TRUE(outcome.ready) << outcome.text;
    EXPECT_EQ(place_of_store(*outcome.ready).shown(), "postgres://u@h/d");
  }
}

TEST_F(config_test, a_standby_is_required_of_a_database_alone) {
  EXPECT_FALSE(load({"--store", "postgres:///d"}).ready.value().require_standby);
  EXPECT_TRUE(
      load({"--store", "postgres:///d", "--require-standby"}).ready.value().require_standby);
  environment_ = {{"FACTORD_STORE", "postgres:///d"}, {"FACTORD_REQUIRE_STANDBY", "true"}};
  EXPECT_TRUE(load({}).ready.value().require_standby);
}

TEST_F(config_test, an_address_with_a_password_is_never_shown) {
  environment_ = {{"FACTORD_STORE", "postgres://u:secret@h/d?nosuch=1"}};
  const std::string file = write_file("store = \"postgres://u:secret@h:1,h:2/d?port=3\"\n");
  for (const auto& arguments :
       {std::vector<const char*>{}, std::vector{"--store", "postgres://u:secret@h/d?nosuch=1"},
        std::vector{"--store", "postgres://u:se/secret@h/d"},
        std::vector{"--config", file.c_str()}}) {
    const auto outcome = load(arguments);
    EXPECT_FALSE(outcome.ready);
    EXPECT_EQ(outcome.text.find("secret"), std::string::npos) << outcome.text;
    EXPECT_NE(outcome.text.find("the address of the database"), std::string::npos) << outcome.text;
  }
}

TEST_F(config_test, an_address_behind_a_mistyped_flag_is_not_shown) {
  const auto outcome = load({"--stroe=postgres://u:secret@h/d"});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_EQ(outcome.text.find("secret"), std::string::npos) << outcome.text;
  EXPECT_NE(outcome.text.find("is --store meant?"), std::string::npos) << outcome.text;
}

TEST_F(config_test, a_file_is_held_to_types) {
  for (const auto& [line, part] : std::vector<std::pair<std::string, std::string>>{
           {"threads = \"4\"", "'threads' is a number, without quotes"},
           {"data-dir = 4", "'data-dir' needs quotes around its value"},
           {"store = 4", "'store' needs quotes around its value"},
           {"data-dir = [\"a\"]", "'data-dir' takes one value"},
           {"listen = 8080", "'listen' needs quotes around its value"},
           {"listen = [8080]", "'listen' needs quotes around its value"},
           {"accept-clock-step = \"true\"", "'accept-clock-step' is true or false"},
           {"accept-clock-step = 1", "true or false is needed"},
           {"accept-clock-step = [true]", "'accept-clock-step' takes one value"},
           {"threads = true", "line 1: threads 'true': a whole number"},
           {"data-dir = true", "'data-dir' needs quotes around its value"},
           {"listen = []", "line 1: 'listen' is empty"},
           {"cors-origin = []", "line 1: 'cors-origin' is empty"},
           {"listen = [\"127.0.0.1:1\", \"\"]", "listen '' is empty"},
           {"tls-cert = \"\"", "tls-cert '' is empty"},
           {"threads = 300", "line 1: threads '300': a whole number"}}) {
    const std::string file = write_file(line);
    const auto outcome = load({"--data-dir", "d", "--config", file.c_str()});
    EXPECT_FALSE(outcome.ready);
    EXPECT_EQ(outcome.exit_code, 2);
    EXPECT_NE(outcome.text.find(part), std::string::npos) << outcome.text;
  }
}

TEST_F(config_test, a_bad_value_in_the_environment_names_its_variable) {
  environment_ = {{"FACTORD_DATA_DIR", "d"}, {"FACTORD_MAX_BODY_BYTES", "many"}};
  const auto outcome = load({});
  EXPECT_EQ(outcome.exit_code, 2);
  EXPECT_NE(outcome.text.find("FACTORD_MAX_BODY_BYTES 'many'"), std::string::npos) << outcome.text;
}

TEST_F(config_test, every_setting_that_is_empty_is_bad_usage) {
  for (const setting& one : settings()) {
    const std::string variable = environment_name(one);
    environment_ = {{"FACTORD_DATA_DIR", "d"}};
    environment_[variable] = "";
    const auto outcome = load({});
    EXPECT_EQ(outcome.exit_code, 2) << variable;
    EXPECT_NE(outcome.text.find(variable + " '' is empty"), std::string::npos) << outcome.text;
  }
  for (const auto& [name, value] : environment{{"FACTORD_CONFIG", ""},
                                               {"FACTORD_LISTEN", "127.0.0.1:1,"},
                                               {"FACTORD_CORS_ORIGIN", "https://a,,https://b"}}) {
    environment_ = {{"FACTORD_DATA_DIR", "d"}, {name, value}};
    const auto outcome = load({});
    EXPECT_EQ(outcome.exit_code, 2) << name;
    EXPECT_NE(outcome.text.find(name + " '' is empty"), std::string::npos) << outcome.text;
  }
}

TEST_F(config_test, an_unknown_variable_is_bad_usage_and_the_nearest_is_offered) {
  for (const auto& [name, offered] :
       std::map<std::string, std::string>{{"FACTORD_LISTN", "FACTORD_LISTEN"},
                                          {"FACTORD_LISTNE", "FACTORD_LISTEN"},
                                          {"FACTORD_IDLETIMEOUT", "FACTORD_IDLE_TIMEOUT"},
                                          {"FACTORD_listen", ""},
                                          {"FACTORD_CONFG", "FACTORD_CONFIG"},
                                          {"FACTORD_PORT", ""},
                                          {"FACTORD_BIN_DIR", ""},
                                          {"FACTORD_", ""},
                                          {"FACTORD_DATA-DIR", "FACTORD_DATA_DIR"}}) {
    environment_ = {{"FACTORD_DATA_DIR", "d"}, {name, "8080"}};
    const auto outcome = load({});
    EXPECT_EQ(outcome.exit_code, 2) << name;
    EXPECT_NE(outcome.text.find(name + " is no setting"), std::string::npos) << outcome.text;
    const std::string question = offered.empty() ? "meant?" : "is " + offered + " meant?";
    EXPECT_EQ(outcome.text.find(question) != std::string::npos, !offered.empty()) << outcome.text;
  }
}

TEST_F(config_test, what_a_cluster_says_about_a_service_of_that_name_is_no_setting_of_ours) {
  environment_ = {{"FACTORD_DATA_DIR", "d"},
                  {"FACTORD_SERVICE_HOST", "10.0.0.1"},
                  {"FACTORD_SERVICE_PORT", "8080"},
                  {"FACTORD_SERVICE_PORT_HTTP", "8080"},
                  {"FACTORD_PORT", "tcp://10.0.0.1:8080"},
                  {"FACTORD_PORT_8080_TCP", "tcp://10.0.0.1:8080"},
                  {"FACTORD_PORT_8080_TCP_PROTO", "tcp"},
                  {"FACTORD_PORT_8080_TCP_ADDR", "10.0.0.1"},
                  {"FACTORD_ADMIN_SERVICE_HOST", "10.0.0.2"},
                  {"FACTORD_ADMIN_PORT_53_UDP_PORT", "53"}};
  const auto outcome = load({});
  EXPECT_TRUE(outcome.ready) << outcome.text;
  environment_.emplace("FACTORD_PORT_TCP", "8080");
  EXPECT_EQ(load({}).exit_code, 2);
}

TEST_F(config_test, the_idle_timeout_is_longer_than_that_of_load_balancers) {
  EXPECT_EQ(load({"--data-dir", "d"}).ready->bounds.idle_time, 75s);
  EXPECT_NE(load({"--help"}).text.find("75s"), std::string::npos);
}

TEST_F(config_test, help_names_every_flag_and_ends_well) {
  const auto outcome = load({"--help"});
  EXPECT_FALSE(outcome.ready);
  EXPECT_EQ(outcome.exit_code, 0);
  for (const setting& one : settings())
    EXPECT_NE(outcome.text.find("--" + std::string(one.name)), std::string::npos) << one.name;
  const auto version = load({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_TRUE(version.text.starts_with("factord ")) << version.text;
}

}  // namespace
}  // namespace factord::config_test
