// A store that is unavailable for a while, as one on other machines may be: refused, told, and
// over.
#include <thread>

#include "tests/unit/server/net/server_fixture.hpp"

namespace factord::net::availability_test {
namespace {

using testing::client;
using testing::count;
using testing::creation;

class availability_test : public testing::server_fixture {};

TEST_F(availability_test, writes_are_refused_undone_and_the_process_is_not_ready_until_it_is_back) {
  start();
  const std::string token = create_token();
  const auto head = engine_.durable_head();
  engine_.refuse_loads(1'000'000'000);
  client peer = connect();
  peer.send(creation(token, 1));
  const std::string refused = peer.receive_until("done\"");
  EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 ")) << refused;
  EXPECT_EQ(count(refused, "\r\nRetry-After: 1\r\n"), 1U) << refused;
  EXPECT_EQ(count(refused, "\"code\":14"), 1U) << refused;
  EXPECT_EQ(count(refused, "the store is not available, nothing was done"), 1U) << refused;
  EXPECT_EQ(engine_.durable_head().sequence, head.sequence);

  const std::string ready = "GET /readyz HTTP/1.1\r\nHost: h\r\n\r\n";
  peer.send(ready);
  const std::string not_ready = peer.receive_until("}");
  EXPECT_EQ(count(not_ready, "HTTP/1.1 503 "), 1U) << not_ready;
  EXPECT_EQ(count(not_ready, "\"status\":\"store unavailable\""), 1U) << not_ready;

  // Nobody has to write for it to be seen.
  engine_.refuse_loads(0);
  while (server_->state().get() != readiness::ready) std::this_thread::yield();
  peer.send(creation(token, 1) + ready);
  const std::string later = peer.receive_until("\"status\":\"ready\"");
  EXPECT_EQ(count(later, "HTTP/1.1 201 "), 1U) << later;
  EXPECT_EQ(stop(), run_end::drained);
}

TEST_F(availability_test,
       of_a_write_that_nobody_can_tell_of_that_is_said_and_the_process_lives_on) {
  start();
  const std::string token = create_token();
  engine_.refuse_commits(1, storage::commit_status::unknown);
  client peer = connect();
  peer.send(creation(token, 1));
  const std::string answer = peer.receive_until("unknown\"");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 500 ")) << answer;
  EXPECT_EQ(count(answer, "\"code\":13"), 1U) << answer;
  EXPECT_EQ(count(answer, "the store did not say whether it was done, outcome unknown"), 1U);
  peer.send(creation(token, 1));
  EXPECT_TRUE(peer.receive_until("}}").starts_with("HTTP/1.1 201 "));
  EXPECT_EQ(server_->state().get(), readiness::ready) << "it answers again";
  EXPECT_EQ(stop(), run_end::drained);
}

TEST_F(availability_test, writers_that_are_too_slow_for_others_leave_it_ready) {
  start();
  const std::string token = create_token();
  engine_.refuse_commits(storage::retry_rules{}.attempts, storage::commit_status::conflict);
  client peer = connect();
  peer.send(creation(token, 1));
  EXPECT_TRUE(peer.receive_until("done\"").starts_with("HTTP/1.1 503 "));
  EXPECT_EQ(server_->state().get(), readiness::ready);
  peer.send(creation(token, 1));
  EXPECT_TRUE(peer.receive_until("}}").starts_with("HTTP/1.1 201 "));
}

}  // namespace
}  // namespace factord::net::availability_test
