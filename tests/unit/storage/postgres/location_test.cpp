#include "storage/postgres/location.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace factord::storage::location_test {
namespace {

using strings = std::vector<std::string>;

TEST(postgres_location, is_told_from_a_path) {
  EXPECT_TRUE(postgres_location::is_one("postgres://"));
  EXPECT_TRUE(postgres_location::is_one("postgresql://db"));
  for (const char* const other :
       {"", "/data", "data", "postgres:/db", "Postgres://db", "file://x"}) {
    EXPECT_FALSE(postgres_location::is_one(other)) << other;
  }
}

struct good_case {
  std::string url;
  strings hosts;
  std::string shown;
};

TEST(postgres_location, has_a_host_or_several) {
  const std::vector<good_case> cases{
      {"postgres://", {"localhost"}, "postgres://localhost"},
      {"postgres://db", {"db"}, "postgres://db"},
      {"postgresql://me:secret@db:6543/store", {"db:6543"}, "postgres://me@db:6543/store"},
      {"postgres://a,b:6543,[::1]:7/s?sslmode=verify-full",
       {"a", "b:6543", "::1:7"},
       "postgres://a,b:6543,::1:7/s"},
      {"postgres://a:1,b:65535/s?sslmode=allow", {"a:1", "b:65535"}, "postgres://a:1,b:65535/s"},
      {"postgres:///s?host=a,b&port=7&password=secret", {"a:7", "b:7"}, "postgres://a:7,b:7/s"},
      {"postgres://me@/s?host=/run/postgresql",
       {"/run/postgresql"},
       "postgres://me@/run/postgresql/s"},
  };
  for (const good_case& one : cases) {
    const auto parsed = postgres_location::parse(one.url);
    ASSERT_TRUE(parsed) << one.url << ": " << parsed.error().message;
    strings hosts;
    for (const auto& host : parsed->hosts()) hosts.push_back(shown_host(host));
    EXPECT_EQ(hosts, one.hosts) << one.url;
    EXPECT_EQ(parsed->shown(), one.shown);
  }
}

TEST(postgres_location, keeps_what_is_libpq_s_for_each_host) {
  const auto parsed =
      postgres_location::parse("postgres://me:secret@a,b/s?sslmode=require&options=-c%20x.y%3D1");
  ASSERT_TRUE(parsed);
  for (const auto& host : parsed->hosts()) {
    for (const auto& [keyword, value] :
         std::vector<std::pair<std::string, std::string>>{{"user", "me"},
                                                          {"password", "secret"},
                                                          {"dbname", "s"},
                                                          {"sslmode", "require"},
                                                          {"options", "-c x.y=1"}}) {
      EXPECT_NE(std::find(host.begin(), host.end(), std::pair{keyword, value}), host.end())
          << keyword;
    }
  }
}

struct bad_case {
  std::string url;
  std::string says;
};

TEST(postgres_location, that_is_none_is_refused_without_a_word_of_its_password) {
  const std::vector<bad_case> cases{
      {"", "does not begin with postgres://"},
      {"/data", "does not begin with postgres://"},
      {"postgres://me:secret@db:x%ZZ/s", ""},
      {"postgres://me:se%ZZcret@db/s", ""},
      {"postgres://me:secret@[::1/s", ""},
      {"postgres://me:secret@db/s?secret=1", ""},
      {"postgres://me:secret@a,b,c:1,2/s?port=1,2", "more or fewer ports than hosts"},
      {"postgres://db/s?connect_timeout=0", "\"connect_timeout\" is for the server to set"},
      {"postgres://db/s?keepalives=0", "\"keepalives\""},
      {"postgres://db/s?tcp_user_timeout=0", "\"tcp_user_timeout\""},
      {"postgres://db/s?target_session_attrs=any", "\"target_session_attrs\""},
      {"postgres://db/s?replication=database", "\"replication\""},
      {"postgres://db/s?client_encoding=LATIN1", "\"client_encoding\""},
      {std::string{"postgres://db\0/s", 16}, "zero byte"},
      {"postgres://db:0/s", "a port is a number from 1 to 65535"},
      {"postgres://db:65536/s", "a port is a number from 1 to 65535"},
      {"postgres://a:1,b:99999999999/s", "a port is a number from 1 to 65535"},
      {"postgres://db/s?sslmode=bogus", "\"sslmode\" is one of: disable allow prefer require"},
      {"postgres://db/s?sslmode=disable%20allow", "\"sslmode\" is one of"},
      {"postgres://db/s?gssencmode=allow", "\"gssencmode\" is one of"},
      {"postgres://db/s?channel_binding=yes", "\"channel_binding\" is one of"},
  };
  for (const bad_case& one : cases) {
    const auto parsed = postgres_location::parse(one.url);
    ASSERT_FALSE(parsed) << one.url;
    const std::string& message = parsed.error().message;
    EXPECT_EQ(parsed.error().code, errc::bad_argument);
    EXPECT_TRUE(message.starts_with("the address of the database: ")) << message;
    EXPECT_NE(message.find(one.says), std::string::npos) << message;
    EXPECT_EQ(message.find("secret"), std::string::npos) << message;
    EXPECT_EQ(message.find("cret"), std::string::npos) << message;
  }
}

/// A variable of the environment, while this is there.
class variable {
 public:
  variable(std::string name, const std::string& value) : name_(std::move(name)) {
    ::setenv(name_.c_str(), value.c_str(), 1);
  }
  ~variable() { ::unsetenv(name_.c_str()); }
  variable(const variable&) = delete;
  variable& operator=(const variable&) = delete;

 private:
  const std::string name_;
};

TEST(postgres_location, alone_says_which_server_is_meant) {
  for (const char* const name : {"PGHOSTADDR", "PGSERVICE", "PGTARGETSESSIONATTRS"}) {
    const variable set(name, "127.0.0.2");
    const auto parsed = postgres_location::parse("postgres://db/s");
    ASSERT_FALSE(parsed) << name;
    EXPECT_EQ(parsed.error().code, errc::bad_argument);
    EXPECT_NE(parsed.error().message.find(std::string{name} + " is set"), std::string::npos)
        << parsed.error().message;
  }
  const variable empty("PGHOSTADDR", "");
  EXPECT_TRUE(postgres_location::parse("postgres://db/s"));
}

TEST(postgres_location, is_none_by_a_wrong_choice_of_the_environment_either) {
  for (const char* const name : {"PGSSLMODE", "PGGSSENCMODE", "PGCHANNELBINDING"}) {
    const variable set(name, "bogus");
    const auto parsed = postgres_location::parse("postgres://db/s");
    ASSERT_FALSE(parsed) << name;
    EXPECT_EQ(parsed.error().code, errc::bad_argument);
  }
  const variable set("PGSSLMODE", "bogus");
  EXPECT_TRUE(postgres_location::parse("postgres://db/s?sslmode=require")) << "the URL says it";
}

TEST(postgres_location, takes_from_the_environment_what_it_does_not_say_and_shows_it) {
  const variable host("PGHOST", "one,two");
  const variable port("PGPORT", "7");
  EXPECT_EQ(postgres_location::parse("postgres:///s").value().shown(), "postgres://one:7,two:7/s");
  EXPECT_EQ(postgres_location::parse("postgres://db/s").value().shown(), "postgres://db:7/s");
  EXPECT_EQ(postgres_location::parse("postgres://db:8/s").value().shown(), "postgres://db:8/s");
}

}  // namespace
}  // namespace factord::storage::location_test
