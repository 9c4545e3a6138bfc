// Bulk removals over a session: whoever stalls, goes away or fails, and others beside them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "tests/unit/server/protocol/bulk_fixture.hpp"
#include "tests/unit/server/protocol/http2/client.hpp"

namespace factord::protocol::bulk_ends_test {
namespace {

using namespace bulk_testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::http2_client;

class bulk_ends_test : public bulk_fixture {};

TEST_F(bulk_ends_test, who_does_not_read_is_not_read) {
  bounds_.bulk_lines = 8;
  bounds_.body_bytes = 5'000;
  use_surface(surface::api);
  begin();
  session_->output() = "what was not sent yet";
  int sent = 0;
  for (; session_->wants_input() && sent < 10'000; ++sent) {
    send(line_of("u1"));
    while (session_->resume_streams() || queue_->run_batch(now_) || !answered_.empty()) feed({});
  }
  EXPECT_LT(sent, 1'000);
  EXPECT_EQ(tally_.answers(service::operation::remove_otp_email, service::status_code::not_found),
            7U);
  EXPECT_GT(session_->held_bytes(), 5'000U);
  session_->output().clear();
  send(line_of("u2"));
  end();
  // The header of the answer was thrown away above.
  settle();
  EXPECT_THAT(sent_, HasSubstr(done("u1", before_ + 1)));
  EXPECT_THAT(sent_, HasSubstr(done("u2", before_ + 2)));
  EXPECT_TRUE(sent_.ends_with("0\r\n\r\n"));
  sent_.clear();
}

TEST_F(bulk_ends_test, no_more_lines_are_under_way_than_a_connection_may_have) {
  bounds_.bulk_lines = 3;
  use_surface(surface::api);
  begin();
  settle();
  send(line_of("u1") + line_of("u2") + line_of("a") + line_of("u3"));
  (void)session_->resume_streams();
  const std::size_t under_way = calls_.in_use() - made_ - 1;
  EXPECT_EQ(under_way, 3U);
  end();
  EXPECT_THAT(take(), ElementsAre(done("u1", before_ + 1), done("u2", before_ + 2), absent("a"),
                                  done("u3", before_ + 3)));
}

TEST_F(bulk_ends_test, others_leave_a_bulk_a_few_lines) {
  budget all(2);
  environment_->bulk_lines = &all;
  begin();
  settle();
  std::string text;
  for (int i = 0; i < 40; ++i) text += line_of("a" + std::to_string(i));
  send(text + line_of("u1"));
  (void)session_->resume_streams();
  EXPECT_EQ(calls_.in_use() - made_ - 1, 16U);
  EXPECT_EQ(all.used(), 2U);
  end();
  EXPECT_EQ(take().size(), 41U);
  EXPECT_EQ(all.used(), 0U);
  EXPECT_EQ(last_sequence(), before_ + 1);
}

TEST_F(bulk_ends_test, a_full_queue_is_waited_for) {
  begin();
  settle();
  std::vector<service::call*> others;
  for (bool room = true; room;) {
    service::call& one = make(service::operation::lock_user, {}, "nobody");
    one.who.trusted = true;
    users_->start(one);
    others.push_back(&one);
    room = answered_.empty();
  }
  answered_.clear();
  send(line_of("u1") + line_of("u2"));
  end();
  (void)session_->resume_streams();
  feed({});
  (void)session_->resume_streams();
  feed({});
  EXPECT_EQ(session_->output(), "") << "there is no room yet";
  const auto hand_back = [&] {
    std::erase_if(answered_, [](const service::call* one) { return one->line == 0; });
  };
  for (bool busy = true; busy;) {
    busy = queue_->run_batch(now_);
    hand_back();
    feed({});
    busy = session_->resume_streams() || busy;
  }
  for (service::call* const one : others) calls_.release(*one);
  EXPECT_THAT(take(), ElementsAre(done("u1", before_ + 1), done("u2", before_ + 2)));
  EXPECT_EQ(tally_.answers(service::operation::remove_otp_email, service::status_code::unavailable),
            0U);
}

TEST_F(bulk_ends_test, a_token_that_ends_ends_it) {
  add_user("clerk", "acme");
  const std::string of_admin = std::exchange(by_, token("clerk", {service::role::iam_owner}));
  before_ = last_sequence();
  begin();
  send(line_of("u1"));
  EXPECT_THAT(take(), ElementsAre(done("u1", before_ + 1)));
  service::call& lock = make(service::operation::lock_user, of_admin, "clerk");
  users_->start(lock);
  queue_->run_batch(now_);
  std::erase(answered_, &lock);
  send(line_of("u2") + line_of("u3"));
  const lines found = take();
  ASSERT_EQ(found.size(), 3U);
  EXPECT_THAT(found[0], HasSubstr(R"({"userId":"u2","status":401,"error":{"code":16,)"));
  EXPECT_THAT(found[1], HasSubstr(R"({"userId":"u3","status":401,"error":{"code":16,)"));
  EXPECT_THAT(found[2], HasSubstr(R"({"line":4,"status":401,"error":{"code":16,)"));
  EXPECT_TRUE(ended_);
  EXPECT_TRUE(session_->finished());
  EXPECT_EQ(last_sequence(), before_ + 2) << "the removal, and that the clerk was locked";
}

TEST_F(bulk_ends_test, a_drain_answers_what_was_begun_and_says_why) {
  begin();
  settle();
  send(line_of("u1"));
  (void)session_->resume_streams();
  session_->drain();
  send(line_of("u2"));
  EXPECT_THAT(
      take(),
      ElementsAre(
          done("u1", before_ + 1),
          R"({"line":2,"status":503,"error":{"code":14,"message":"the server is shutting down: )"
          R"(go on elsewhere, or here again"}})"));
  EXPECT_TRUE(ended_);
  EXPECT_TRUE(session_->finished());
  EXPECT_EQ(last_sequence(), before_ + 1);
}

TEST_F(bulk_ends_test, a_request_that_is_cut_short_says_so) {
  begin();
  send(line_of("u1") + line_of("u2").substr(0, 5));
  session_->end_of_input();
  EXPECT_THAT(take(), ElementsAre(HasSubstr(R"({"line":1,"status":400,)")));
  EXPECT_TRUE(session_->finished());
  EXPECT_EQ(last_sequence(), before_) << "what was not begun is not begun";
}

TEST_F(bulk_ends_test, the_end_of_the_input_behind_the_last_line_cuts_nothing) {
  made_ = calls_.in_use();
  feed(head("Content-Length: 32\r\n\r\n" + line_of("u1") + line_of("u2")));
  session_->end_of_input();
  EXPECT_THAT(take(), ElementsAre(done("u1", before_ + 1), done("u2", before_ + 2)));
  EXPECT_TRUE(ended_);
  EXPECT_TRUE(session_->finished());
}

TEST_F(bulk_ends_test, a_fault_of_its_framing_ends_it) {
  begin();
  send(line_of("u1"));
  EXPECT_THAT(take(), ElementsAre(done("u1", before_ + 1)));
  feed("no chunk\r\n");
  EXPECT_THAT(
      take(),
      ElementsAre(R"({"line":2,"status":400,"error":{"code":3,"message":"malformed chunk"}})"));
  EXPECT_TRUE(session_->finished());
}

TEST_F(bulk_ends_test, who_sends_nothing_for_long_is_told_so) {
  begin();
  settle();
  for (int i = 0; i < 3; ++i) {
    session_->sweep(steady_now_, true);
    steady_now_ += bounds_.body_time - std::chrono::milliseconds(1);
    session_->sweep(steady_now_, true);
    send(line_of("a"));
    EXPECT_THAT(take(), ElementsAre(absent("a")));
  }
  session_->sweep(steady_now_, true);
  session_->sweep(steady_now_ += bounds_.body_time, true);
  EXPECT_THAT(take(), ElementsAre(HasSubstr(R"({"line":4,"status":504,"error":{"code":4,)")));
  EXPECT_TRUE(session_->finished());
}

TEST_F(bulk_ends_test, a_deadline_ends_it_where_it_passes) {
  begin("Grpc-Timeout: 1S\r\n");
  send(line_of("u1"));
  EXPECT_THAT(take(), ElementsAre(done("u1", before_ + 1)));
  steady_now_ += std::chrono::seconds(1);
  send(line_of("u2") + line_of("u3"));
  const lines found = take();
  ASSERT_GE(found.size(), 2U);
  EXPECT_THAT(found.front(), HasSubstr(R"({"userId":"u2","status":504,)"));
  EXPECT_THAT(found.back(), HasSubstr(R"({"line":)"));
  EXPECT_THAT(found.back(), HasSubstr(R"("status":504,)"));
  EXPECT_EQ(last_sequence(), before_ + 1);
}

TEST_F(bulk_ends_test, so_many_lines_are_a_turn) {
  constexpr std::size_t turn = bulks::lines_of_a_turn;
  begin();
  settle();
  std::string many;
  for (std::size_t i = 0; i < turn + 1; ++i) many += line_of("nobody");
  session_->begin_turn();
  send(many);
  const auto under_way = [this] { return calls_.in_use() - made_ - 1; };
  while (session_->resume_streams()) {
  }
  EXPECT_EQ(under_way(), turn);
  EXPECT_TRUE(session_->wants_a_turn());
  session_->begin_turn();
  EXPECT_FALSE(session_->wants_a_turn());
  while (session_->resume_streams()) {
  }
  EXPECT_EQ(under_way(), turn + 1);
  EXPECT_FALSE(session_->wants_a_turn());
  end();
  EXPECT_EQ(take().size(), turn + 1);
}

TEST_F(bulk_ends_test, a_deadline_ends_one_that_sends_no_more) {
  begin("Grpc-Timeout: 1S\r\n");
  send(line_of("u1"));
  EXPECT_THAT(take(), ElementsAre(done("u1", before_ + 1)));
  session_->sweep(steady_now_ += std::chrono::milliseconds(999), true);
  EXPECT_THAT(take(), ElementsAre());
  session_->sweep(steady_now_ += std::chrono::milliseconds(1), true);
  EXPECT_THAT(take(), ElementsAre(HasSubstr(R"({"line":2,"status":504,"error":{"code":4,)")));
  EXPECT_TRUE(session_->finished());
}

TEST_F(bulk_ends_test, a_store_that_fails_ends_it) {
  begin();
  send(line_of("u1"));
  EXPECT_EQ(take().size(), 1U);
  queue_->close();
  send(line_of("u2") + line_of("u3"));
  EXPECT_THAT(take(), ElementsAre(HasSubstr(R"({"userId":"u2","status":503,"error":{"code":14,)"),
                                  HasSubstr(R"({"userId":"u3","status":503,)"),
                                  HasSubstr(R"({"line":4,"status":503,"error":{"code":14,)")));
  EXPECT_TRUE(session_->finished());
}

TEST_F(bulk_ends_test, with_its_connection_all_of_it_is_given_back) {
  begin();
  settle();
  send(line_of("u1") + "{\n" + line_of("u2"));
  (void)session_->resume_streams();
  feed({});  // the second is back before its turn
  session_.reset();
  while (queue_->run_batch(now_)) {
  }
  for (service::call* const one : std::exchange(answered_, {})) calls_.release(*one);
  EXPECT_EQ(calls_.in_use(), made_);
  EXPECT_EQ(last_sequence(), before_ + 2) << "what was queued is done";
}

/// Over HTTP/2, where others share the connection.
class bulk_http2_test : public bulk_fixture {
 protected:
  std::int32_t open(http2_client& by) {
    made_ = calls_.in_use();
    return by.request(
        "POST", std::string(bulk_path), {},
        {{"authorization", "Bearer " + by_}, {"content-type", "application/x-ndjson"}}, true);
  }
};

TEST_F(bulk_http2_test, lines_are_answered_as_they_come) {
  http2_client client;
  const auto id = open(client);
  talk(client);
  EXPECT_EQ(client.answer(id).status(), "200");
  client.send(id, line_of("u1") + line_of("nobody"), false);
  talk(client);
  EXPECT_THAT(split(client.answer(id).body),
              ElementsAre(done("u1", before_ + 1), absent("nobody")));
  client.send(id, line_of("u2"), true);
  talk(client);
  EXPECT_EQ(split(client.answer(id).body).size(), 3U);
  EXPECT_TRUE(client.answer(id).ended);
  EXPECT_EQ(calls_.in_use(), made_);
}

TEST_F(bulk_http2_test, a_stalled_reader_is_in_nobodys_way) {
  bounds_.bulk_lines = 64;
  use_surface(surface::api);
  http2_client client(false, {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1'000}});
  const auto stalled = open(client);
  std::string many;
  for (int i = 0; i < 20'000; ++i) many += line_of("a" + std::to_string(i));
  client.send(stalled, many, true);
  talk(client);
  const auto read =
      tally_.answers(service::operation::remove_otp_email, service::status_code::not_found);
  EXPECT_LT(read, 1'000U);
  EXPECT_EQ(client.answer(stalled).body.size(), 1'000U);
  const auto id = client.request("GET", "/livez");
  talk(client);
  EXPECT_EQ(client.answer(id).body, "ok");
  const auto other = open(client);
  client.send(other, line_of("u1"), true);
  talk(client);
  EXPECT_THAT(split(client.answer(other).body), ElementsAre(done("u1", before_ + 1)));
  client.open_window(0, 50'000'000);
  client.open_window(stalled, 50'000'000);
  talk(client);
  EXPECT_EQ(split(client.answer(stalled).body).size(), 20'000U);
  EXPECT_TRUE(client.answer(stalled).ended);
}

TEST_F(bulk_http2_test, there_may_be_as_many_as_streams) {
  bounds_.http2_streams = 2;
  use_surface(surface::api);
  http2_client client;
  talk(client);
  const std::array ids{open(client), open(client)};
  talk(client);
  for (const auto id : ids) client.send(id, line_of("u1"), false);
  talk(client);
  for (const auto id : ids) EXPECT_EQ(split(client.answer(id).body).size(), 1U);
  // One that is reset makes room.
  client.reset(ids[0]);
  const auto next = open(client);
  client.send(next, line_of("u2"), true);
  talk(client);
  EXPECT_THAT(split(client.answer(next).body), ElementsAre(done("u2", before_ + 2)));
  client.send(ids[1], line_of("u3"), true);
  talk(client);
  EXPECT_TRUE(client.answer(ids[1]).ended);
  EXPECT_EQ(session_->calls_in_flight(), 0U);
}

// Nothing can be said on it any more, so whatever is under way for it is so for nobody.
TEST_F(bulk_http2_test, a_connection_that_was_broken_off_ends_with_all_its_streams) {
  const std::string no_frame(9, '\xf6');
  for (const bool answered : {true, false}) {
    use_surface(surface::api);
    // Whose windows are full: the stream of events rests.
    http2_client client(false, {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 10}});
    talk(client);
    const auto bulk = open(client);
    const auto events =
        client.request("GET", "/v2/events", {},
                       {{"authorization", "Bearer " + by_}, {"accept", "application/x-ndjson"}});
    talk(client);
    EXPECT_EQ(client.answer(events).body.size(), 10U);
    client.send(bulk, line_of("nobody"), false);
    if (answered) talk(client);
    feed(client.output() + no_frame);
    talk(client);
    EXPECT_EQ(session_->calls_in_flight(), 0U);
    EXPECT_TRUE(session_->finished());
    EXPECT_EQ(client.goaways.size(), 1U);
  }
  EXPECT_EQ(calls_.in_use(), made_);
}

TEST_F(bulk_http2_test, a_bulk_has_its_turn_beside_others) {
  bounds_.http2_streams = 3;
  use_surface(surface::api);
  http2_client client;
  talk(client);
  const std::array ids{open(client), open(client), open(client)};
  std::string many;
  for (int i = 0; i < 1'000; ++i) many += line_of("nobody");
  for (const auto id : ids) client.send(id, many, true);
  talk(client);
  for (const auto id : ids) EXPECT_EQ(split(client.answer(id).body).size(), 1'000U);
}

TEST_F(bulk_http2_test, of_who_is_gone_no_more_is_begun) {
  http2_client client;
  const auto id = open(client);
  talk(client);
  client.send(id, line_of("u1"), false);
  feed(client.output());
  (void)session_->resume_streams();
  client.send(id, line_of("u2"), false);
  client.reset(id);
  talk(client);
  EXPECT_EQ(last_sequence(), before_ + 1) << "what was queued is done";
  EXPECT_EQ(calls_.in_use(), made_);
  EXPECT_EQ(session_->calls_in_flight(), 0U);
}

TEST_F(bulk_http2_test, a_drain_ends_it_in_order) {
  http2_client client;
  const auto id = open(client);
  client.send(id, line_of("u1"), false);
  talk(client);
  session_->drain();
  talk(client);
  EXPECT_THAT(split(client.answer(id).body),
              ElementsAre(done("u1", before_ + 1), HasSubstr(R"({"line":2,"status":503,)")));
  EXPECT_TRUE(client.answer(id).ended);
  EXPECT_FALSE(client.goaways.empty());
}

}  // namespace
}  // namespace factord::protocol::bulk_ends_test
