#include <gtest/gtest.h>

#include <chrono>

#include "server/protocol/http2/codec.hpp"
#include "server/protocol/wire/codec_kind.hpp"
#include "tests/unit/server/protocol/http2/client.hpp"
#include "tests/unit/server/protocol/session_fixture.hpp"

namespace factord::protocol::session_http2_test {
namespace {

using testing::http2_client;
using namespace std::chrono_literals;

class session_http2_test : public session_fixture {
 protected:
  // One way each, without running the queue.
  void talk(http2_client& client) {
    feed(client.output());
    session_->fill_output();
    client.feed(std::exchange(session_->output(), {}));
  }

  testing::field_list bearer() { return {{"authorization", "Bearer " + admin()}}; }
};

TEST_F(session_http2_test, the_preface_may_come_in_two_pieces) {
  for (std::size_t cut = 0; cut <= http2_preface.size(); ++cut) {
    SCOPED_TRACE(cut);
    use_surface(surface::api);
    http2_client client;
    const auto id = client.request("GET", "/healthz");
    const std::string bytes = client.output();
    feed(bytes.substr(0, cut));
    EXPECT_EQ(session_->output(), "");
    feed(bytes.substr(cut));
    session_->fill_output();
    client.feed(std::exchange(session_->output(), {}));
    EXPECT_EQ(client.answer(id).body, "ok");
  }
}

TEST_F(session_http2_test, what_only_begins_like_the_preface_is_http1) {
  for (const std::string end : {"\r\n\r\n", "X\r\n\r\n", " HTTP/1.1\r\nHost: h\r\n\r\n"}) {
    for (std::size_t cut = 1; cut < http2_preface.size(); ++cut) {
      const std::string begin(http2_preface.substr(0, cut));
      if ((begin + end).substr(0, http2_preface.size()) == http2_preface) continue;
      if (http2_preface.starts_with(begin + end)) continue;
      SCOPED_TRACE(begin + end);
      use_surface(surface::api);
      session_->agree_on(http_version::http1);
      feed(begin + end);
      const std::string wanted = std::exchange(session_->output(), {});
      EXPECT_TRUE(wanted.starts_with("HTTP/1.1 "));

      use_surface(surface::api);
      feed(begin);
      EXPECT_EQ(session_->output(), "");
      feed(end);
      EXPECT_EQ(session_->output(), wanted);
    }
  }
}

TEST_F(session_http2_test, half_a_preface_has_the_deadline_of_a_header) {
  feed("PRI * HTTP/2.0\r\n\r\nSM");
  const codec::time_point start{1h};
  session_->sweep(start, true);
  session_->sweep(start + bounds_.header_time, true);
  EXPECT_TRUE(session_->output().starts_with("HTTP/1.1 408 "));
}

TEST_F(session_http2_test, the_admin_surface_speaks_http1_only) {
  use_surface(surface::admin);
  feed(http2_preface);
  EXPECT_TRUE(session_->output().starts_with("HTTP/1.1 400 "));
}

TEST_F(session_http2_test, agreed_http2_needs_its_preface) {
  session_->agree_on(http_version::http2);
  feed("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  http2_client client;
  (void)client.output();
  session_->fill_output();
  client.feed(session_->output());
  ASSERT_EQ(client.goaways.size(), 1U);
  EXPECT_EQ(client.goaways[0].code, NGHTTP2_PROTOCOL_ERROR);
  session_->output().clear();
  EXPECT_TRUE(session_->finished());
}

TEST_F(session_http2_test, agreed_http1_knows_no_preface) {
  session_->agree_on(http_version::http1);
  feed(http2_preface);
  EXPECT_TRUE(session_->output().starts_with("HTTP/1.1 400 "));
}

TEST_F(session_http2_test, streams_do_not_wait_for_each_other) {
  add_user("1", "o");
  http2_client client;
  const auto write = client.request("DELETE", "/v2/users/1/otp_email", "", bearer());
  const auto read = client.request("GET", "/v2/users/1", "", bearer());
  talk(client);
  EXPECT_EQ(client.answer(read).status(), "200");
  EXPECT_EQ(client.answer(write).status(), "");
  run_queue();
  talk(client);
  EXPECT_NE(client.answer(write).status(), "");
}

TEST_F(session_http2_test, a_call_whose_stream_was_reset_is_committed_all_the_same) {
  add_user("1", "o");
  http2_client client;
  const auto id = client.request("POST", "/v2/users/1/lock", "", bearer());
  talk(client);
  client.reset(id);
  talk(client);
  EXPECT_EQ(session_->calls_in_flight(), 1U);
  run_queue();
  talk(client);
  EXPECT_EQ(client.answer(id).status(), "");
  const auto state = client.request("GET", "/v2/users/1", "", bearer());
  talk(client);
  EXPECT_NE(client.answer(state).body.find("USER_STATE_LOCKED"), std::string::npos);
}

// Rapid reset: streams that are gone free their place among the streams, not among the calls.
TEST_F(session_http2_test, calls_of_reset_streams_hold_back_the_input) {
  bounds_.http2_streams = 3;
  use_surface(surface::api);
  http2_client client;
  talk(client);
  for (int i = 0; i < 10; ++i) {
    const auto id = client.request("POST", "/v2/users/1/lock", "", bearer());
    talk(client);
    client.reset(id);
    talk(client);
  }
  EXPECT_EQ(session_->calls_in_flight(), 4U) << "one more than streams that may last";
  EXPECT_FALSE(session_->wants_input());
  while (session_->calls_in_flight() > 0) run_queue();
  EXPECT_TRUE(session_->wants_input());
}

TEST_F(session_http2_test, what_is_refused_is_answered_in_json) {
  http2_client client;
  const auto id = client.request("POST", "/v2/users/human", std::string(65'537, 'x'), bearer());
  for (int i = 0; i < 3; ++i) talk(client);
  EXPECT_EQ(client.answer(id).status(), "413");
  EXPECT_EQ(client.answer(id).body, R"({"code":3,"message":"the request body is too large"})");
}

}  // namespace
}  // namespace factord::protocol::session_http2_test
