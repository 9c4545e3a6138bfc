#include "storage/postgres/connector.hpp"
#include "storage/postgres/converse.hpp"
#include "tests/unit/storage/postgres/store_fixture.hpp"

namespace factord::storage::connection_test {
namespace {

using kind = exchange_event::kind;

class connection : public testing::store_in_postgres {
 protected:
  connection() {
    const auto by = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    session_ = connect_to_server(database_.location(), session_rules{}, by).value();
  }
  /// Warnings in quotation marks, and what else comes, to the end of an exchange.
  std::string all_of(std::initializer_list<const char*> texts) {
    session_->send_texts({texts.begin(), texts.size()});
    std::string all;
    for (;;) {
      const auto event =
          session_->receive(std::chrono::steady_clock::now() + std::chrono::seconds{30});
      if (event.what == kind::end) return all;
      if (event.what == kind::warning) all += "'" + std::string{event.text} + "' ";
      if (event.what == kind::reply) all += std::string{event.reply.tag} + " ";
      if (event.what == kind::lost || event.what == kind::late) return all + "lost";
    }
  }

  std::unique_ptr<postgres_connection> session_;
};

TEST_F(connection, tells_every_warning_ahead_of_the_reply_that_it_came_before) {
  const char* const noisy =
      "DO $$ BEGIN RAISE WARNING 'one'; RAISE NOTICE 'nothing'; RAISE WARNING 'two'; "
      "RAISE INFO 'nothing'; END $$";
  EXPECT_EQ(all_of({"BEGIN", noisy, "COMMIT"}), "BEGIN 'one' 'two' DO COMMIT ");
  EXPECT_EQ(all_of({"SELECT 1"}), "SELECT 1 ");
}

TEST_F(connection, tells_a_warning_of_a_commit_whatever_comes_with_it) {
  // At its COMMIT, by a trigger that was put off until then.
  const std::string body =
      "BEGIN RAISE WARNING 'one'; RAISE NOTICE 'nothing'; RAISE WARNING 'two'; RETURN NULL; END";
  const std::string function =
      "CREATE FUNCTION public.noise() RETURNS trigger LANGUAGE plpgsql AS $$ " + body + " $$";
  EXPECT_EQ(
      all_of({"CREATE TABLE public.loud (a int)", function.c_str(),
              "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON public.loud DEFERRABLE INITIALLY "
              "DEFERRED FOR EACH ROW EXECUTE FUNCTION public.noise()"}),
      "CREATE TABLE CREATE FUNCTION CREATE TRIGGER ");
  const std::string said = all_of({"BEGIN", "INSERT INTO public.loud VALUES (1)", "COMMIT"});
  EXPECT_EQ(said, "BEGIN INSERT 0 1 'one' 'two' COMMIT ");
  // Where the transaction is the exchange itself, the reply is there before it is committed: the
  // warnings may come before it, behind it or around it, but they come.
  const std::string alone = all_of({"INSERT INTO public.loud VALUES (1)"});
  const auto one = alone.find("'one'");
  ASSERT_NE(one, std::string::npos) << alone;
  EXPECT_NE(alone.find("'two'", one), std::string::npos) << alone;
}

}  // namespace
}  // namespace factord::storage::connection_test
