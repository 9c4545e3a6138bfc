// Which of several servers is taken, and what becomes of what was under way there.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <future>

#include "tests/unit/storage/postgres/standby_pair.hpp"

namespace factord::storage::primaries_test {
namespace {

using testing::standby_pair;

class primaries : public standby_pair {
 protected:
  /// The old primary lives on, and waits for nobody any more: so it takes writes.
  void promote_beside_the_old_one() {
    set(*one_, "synchronous_standby_names", "''");
    two_->promote();
  }
  static std::uint64_t head_of(engine& of) {
    state_table nothing;
    const auto head = of.load(nothing);
    EXPECT_TRUE(head) << head.error().message;
    of.abandon();
    return head ? head->sequence : 0;
  }
  static void expect_old(const std::optional<error>& failed) {
    ASSERT_TRUE(failed);
    EXPECT_EQ(failed->code, errc::unavailable);
    EXPECT_NE(failed->message.find("an old primary: its timeline is 1, and this process has seen "
                                   "2"),
              std::string::npos)
        << failed->message;
  }
};

TEST_F(primaries, the_newest_is_taken_whatever_its_place) {
  promote_beside_the_old_one();
  ASSERT_EQ(attempt(*open({&*two_}), "1").value(), commit_status::committed);
  EXPECT_EQ(head_of(*open({&*one_, &*two_})), 1U);
  EXPECT_EQ(head_of(*open({&*two_, &*one_})), 1U);
  EXPECT_EQ(head_of(*open({&*one_})), 0U) << "it does take writes";
}

TEST_F(primaries, an_older_one_is_refused_once_a_newer_was_seen) {
  const auto store = open({&*one_, &*two_});
  ASSERT_EQ(head_of(*store), 0U);
  promote_beside_the_old_one();
  throw_us_out(*one_);
  ASSERT_EQ(attempt(*store, "1").value(), commit_status::committed);
  EXPECT_EQ(last_sequence(*two_), "1");
  two_->stop();
  state_table nothing;
  const auto loaded = store->load(nothing);
  expect_old(loaded ? std::nullopt : std::optional{loaded.error()});
  const auto found = read(*store);
  expect_old(found ? std::nullopt : std::optional{found.error()});
  two_->start();
  EXPECT_EQ(head_of(*store), 1U);
  EXPECT_TRUE(read(*store));
}

TEST_F(primaries, a_connection_to_an_older_one_is_left) {
  const auto store = open({&*one_, &*two_});
  ASSERT_TRUE(read(*store));
  const std::string reader =
      one_->client().ask("SELECT pid FROM pg_stat_activity WHERE application_name = 'factord'");
  ASSERT_EQ(head_of(*store), 0U);
  promote_beside_the_old_one();
  throw_us_out(*one_, reader);
  ASSERT_EQ(attempt(*store, "1").value(), commit_status::committed);
  const auto found = read(*store);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->head.sequence, 1U);
  EXPECT_EQ(head_of(*store), 1U) << "and nobody has stopped for good";
}

// Who commits there waits for a standby that is none any more, and holds the lock for as long.
TEST_F(primaries, who_waits_for_a_lock_on_the_old_one_finds_the_new_one) {
  session_rules rules = patient();
  rules.lock_time = std::chrono::milliseconds{100};
  const auto store = open({&*one_, &*two_}, rules);
  ASSERT_EQ(head_of(*store), 0U);
  testing::sql_client holder = one_->client();
  holder.ask("BEGIN");
  holder.ask("SELECT sequence FROM factord.head FOR UPDATE");
  two_->promote();
  bool committed = false;
  for (int tries = 0; tries < 3 && !committed; ++tries) {
    const auto ended = attempt(*store, "1");
    committed = ended && *ended == commit_status::committed;
  }
  EXPECT_TRUE(committed);
  EXPECT_EQ(last_sequence(*two_), "1");
}

TEST_F(primaries, a_commit_that_the_promoted_one_has_not_got_was_not_done) {
  session_rules rules = patient();
  rules.commit_time = std::chrono::milliseconds{200};
  const auto store = open({&*one_, &*two_}, rules);
  ASSERT_EQ(head_of(*store), 0U);
  two_->promote();
  // It waits there for a standby that follows no more, until its time is over.
  EXPECT_EQ(attempt(*store, "1").value(), commit_status::conflict);
  EXPECT_EQ(last_sequence(*two_), "0");
  EXPECT_EQ(attempt(*store, "2").value(), commit_status::committed);
  EXPECT_EQ(last_sequence(*two_), "1");
}

TEST_F(primaries, a_commit_whose_wait_was_cancelled_is_done_where_it_was_replicated_alone) {
  const auto store = open({&*one_, &*two_});
  ASSERT_EQ(head_of(*store), 0U);
  two_->stop();
  std::future<result<commit_status>> ended =
      std::async(std::launch::async, [&] { return attempt(*store, "1"); });
  const std::string process = wait_for_waiting(*one_);
  one_->client().ask("SELECT pg_cancel_backend(" + process + ")");
  // How it ended is asked by a commit that waits as well; then the machine dies.
  (void)wait_for_waiting(*one_, process);
  EXPECT_EQ(last_sequence(*one_), "1") << "whoever looks there sees it";
  one_->stop();
  two_->start();
  two_->promote();
  EXPECT_EQ(ended.get().value(), commit_status::conflict);
  EXPECT_EQ(last_sequence(*two_), "0");
}

TEST_F(primaries, a_commit_ends_once_the_standby_is_back) {
  session_rules rules = patient();
  rules.commit_time = std::chrono::milliseconds{200};
  const auto store = open({&*one_, &*two_}, rules);
  ASSERT_EQ(head_of(*store), 0U);
  two_->stop();
  std::future<result<commit_status>> ended =
      std::async(std::launch::async, [&] { return attempt(*store, "1"); });
  (void)wait_for_waiting(*one_);
  two_->start();
  EXPECT_EQ(ended.get().value(), commit_status::committed);
  EXPECT_EQ(last_sequence(*two_), "1");
}

class hosts : public testing::store_in_postgres {};

TEST_F(hosts, that_say_nothing_take_no_time_of_the_others) {
  const temp_directory silent;
  const int listening = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  const std::string path = (silent.path() / ".s.PGSQL.5432").string();
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(listening, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ASSERT_EQ(::listen(listening, 8), 0);
  session_rules rules;
  // One host that had all of its time would leave none.
  rules.connect_time = rules.load_time = std::chrono::milliseconds{2'000};
  const std::string url = database_.url();
  const std::string there = url.substr(url.find("?host=") + 6);
  for (const std::string& both :
       {silent.path().string() + "," + there, there + "," + silent.path().string()}) {
    const auto location =
        postgres_location::parse(url.substr(0, url.find("?host=") + 6) + both).value();
    const auto store = open_postgres_store(location, {.rules = rules}).value();
    state_table nothing;
    EXPECT_TRUE(store->load(nothing));
    store->abandon();
  }
  ::close(listening);
}

}  // namespace
}  // namespace factord::storage::primaries_test
