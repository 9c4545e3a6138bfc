#include "server/protocol/http2/codec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "tests/unit/server/protocol/http2/driver.hpp"

namespace factord::protocol::testing::http2_codec_test {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using namespace std::chrono_literals;

TEST(http2_codec_test, answers_a_request) {
  http2_driver driver;
  http2_client client;
  const auto id =
      client.request("POST", "/a?b=c", "body", {{"authorization", "Bearer x"}, {"x-unread", "y"}});
  driver.talk(client);
  ASSERT_EQ(driver.requests().size(), 1U);
  EXPECT_EQ(driver.requests()[0].method, verb::post);
  EXPECT_EQ(driver.requests()[0].target, "/a?b=c");
  EXPECT_EQ(driver.requests()[0].body, "body");
  EXPECT_EQ(driver.requests()[0].authorization, "Bearer x");
  const http2_answer& got = client.answer(id);
  EXPECT_THAT(
      got.header,
      ElementsAre(Pair(":status", "200"), Pair("server", "factord"),
                  Pair("cache-control", "no-store"), Pair("x-content-type-options", "nosniff"),
                  Pair("date", "Thu, 01 Jan 1970 00:00:00 GMT"), Pair("content-type", "text/plain"),
                  Pair("content-length", "10")));
  EXPECT_EQ(got.body, "/a?b=cbody");
  EXPECT_TRUE(got.ended && got.closed);
  EXPECT_EQ(got.code, NGHTTP2_NO_ERROR);
}

TEST(http2_codec_test, says_its_limits) {
  limits bounds;
  bounds.http2_streams = 5;
  bounds.header_bytes = 1000;
  bounds.body_bytes = 500;
  http2_driver driver(bounds);
  http2_client client;
  driver.talk(client);
  EXPECT_EQ(client.settings[NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS], 5U);
  EXPECT_EQ(client.settings[NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE], 1000U);
  EXPECT_EQ(client.settings[NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE], 505U);
}

TEST(http2_codec_test, knows_the_verbs) {
  const std::pair<std::string, verb> cases[] = {
      {"GET", verb::get},         {"HEAD", verb::head},      {"POST", verb::post},
      {"PUT", verb::put},         {"PATCH", verb::patch},    {"DELETE", verb::delete_},
      {"OPTIONS", verb::options}, {"PROPFIND", verb::other}, {"get", verb::other},
  };
  for (const auto& one : cases) {
    http2_driver driver;
    http2_client client;
    client.request(one.first, "/");
    driver.talk(client);
    ASSERT_EQ(driver.requests().size(), 1U);
    EXPECT_EQ(driver.requests()[0].method, one.second) << one.first;
  }
}

TEST(http2_codec_test, answers_in_any_order) {
  http2_driver driver({}, false);
  http2_client client;
  const auto first = client.request("GET", "/1");
  const auto second = client.request("GET", "/2");
  driver.talk(client);
  driver.answer(driver.requests().at(1).id, "two");
  driver.pump();
  driver.talk(client);
  EXPECT_EQ(client.answer(second).body, "two");
  EXPECT_FALSE(client.answer(first).ended);
  driver.answer(driver.requests().at(0).id, "one");
  driver.talk(client);
  EXPECT_EQ(client.answer(first).body, "one");
  EXPECT_TRUE(driver.codec().idle());
}

TEST(http2_codec_test, head_has_the_header_of_get) {
  http2_driver driver;
  http2_client client;
  const auto id = client.request("HEAD", "/four");
  driver.talk(client);
  EXPECT_EQ(client.answer(id).value("content-length"), "5");
  EXPECT_EQ(client.answer(id).body, "");
  EXPECT_TRUE(client.answer(id).ended);
}

TEST(http2_codec_test, an_answer_without_body_is_its_header) {
  http2_driver driver({}, false);
  http2_client client;
  const auto plain = client.request("GET", "/");
  const auto none = client.request("OPTIONS", "*");
  driver.talk(client);
  driver.answer(1, "");
  response no_content;
  no_content.status = 204;
  driver.codec().respond(3, no_content);
  driver.talk(client);
  EXPECT_EQ(client.answer(plain).value("content-length"), "0");
  EXPECT_EQ(client.answer(plain).value("content-type"), "");
  EXPECT_EQ(client.answer(none).value("content-length"), "");
  EXPECT_EQ(client.answer(none).data_frames + client.answer(plain).data_frames, 0U);
}

TEST(http2_codec_test, header_names_leave_in_lower_case) {
  http2_driver driver({}, false);
  http2_client client;
  const auto id = client.request("GET", "/");
  driver.talk(client);
  response out;
  out.headers.push_back({"WWW-Authenticate", "Bearer"});
  driver.codec().respond(1, out);
  driver.talk(client);
  EXPECT_EQ(client.answer(id).value("www-authenticate"), "Bearer");
}

TEST(http2_codec_test, trailers_follow_the_body) {
  http2_driver driver({}, false);
  http2_client client;
  const auto id = client.request("POST", "/", "x");
  driver.talk(client);
  driver.answer(1, "body", false, {{"grpc-status", "0"}, {"grpc-message", ""}});
  driver.talk(client);
  EXPECT_EQ(client.answer(id).body, "body");
  EXPECT_THAT(client.answer(id).trailers,
              ElementsAre(Pair("grpc-status", "0"), Pair("grpc-message", "")));
  EXPECT_EQ(client.answer(id).value("content-length"), "");
  EXPECT_TRUE(client.answer(id).ended);
}

TEST(http2_codec_test, trailers_without_a_body_are_in_the_header) {
  http2_driver driver({}, false);
  http2_client client;
  const auto id = client.request("POST", "/", "x");
  driver.talk(client);
  driver.answer(1, "", false, {{"grpc-status", "12"}});
  driver.talk(client);
  EXPECT_EQ(client.answer(id).value("grpc-status"), "12");
  EXPECT_EQ(client.answer(id).value("content-type"), "text/plain");
  EXPECT_EQ(client.answer(id).value("content-length"), "");
  EXPECT_TRUE(client.answer(id).trailers.empty());
  EXPECT_TRUE(client.answer(id).ended);
  EXPECT_EQ(client.answer(id).data_frames, 0U);
}

TEST(http2_codec_test, a_streaming_request_comes_and_is_answered_in_parts) {
  http2_driver driver;
  http2_client client;
  const auto id = client.request("POST", "/stream", "", {}, true);
  driver.talk(client);
  EXPECT_EQ(client.answer(id).body, "/stream") << "before any of the body";
  client.send(id, "one", false);
  driver.talk(client);
  EXPECT_EQ(client.answer(id).body, "/stream/streamone");
  EXPECT_FALSE(client.answer(id).ended);
  client.send(id, "two", true);
  driver.talk(client);
  EXPECT_EQ(client.answer(id).body, "/stream/streamone/streamtwo");
  EXPECT_TRUE(client.answer(id).ended);
  ASSERT_EQ(driver.requests().size(), 3U);
  EXPECT_TRUE(driver.requests()[0].more && driver.requests()[1].more);
  EXPECT_FALSE(driver.requests()[2].more);
}

TEST(http2_codec_test, parts_end_with_trailers) {
  http2_driver driver({}, false);
  http2_client client;
  const auto id = client.request("POST", "/stream", "", {}, true);
  driver.talk(client);
  driver.answer(1, "a", true);
  driver.talk(client);
  driver.answer(1, "", true);
  driver.answer(1, "b", true);
  driver.answer(1, "", false, {{"grpc-status", "0"}});
  driver.talk(client);
  EXPECT_EQ(client.answer(id).body, "ab");
  EXPECT_THAT(client.answer(id).trailers, ElementsAre(Pair("grpc-status", "0")));
}

TEST(http2_codec_test, what_was_not_taken_of_a_part_comes_again) {
  http2_driver driver({}, false);
  http2_client client;
  const auto id = client.request("POST", "/stream", "abc", {}, true);
  driver.talk(client);
  ASSERT_EQ(driver.requests().back().body, "abc");
  client.send(id, "def", true);
  driver.talk(client);
  EXPECT_EQ(driver.requests().back().body, "abcdef");
}

TEST(http2_codec_test, an_early_answer_ends_the_request) {
  http2_driver driver({}, false);
  http2_client client;
  const auto id = client.request("POST", "/stream", "abc", {}, true);
  driver.talk(client);
  driver.answer(1, "no");
  driver.talk(client);
  EXPECT_EQ(client.answer(id).body, "no");
  EXPECT_TRUE(client.answer(id).closed);
  EXPECT_EQ(client.answer(id).code, NGHTTP2_NO_ERROR);
  EXPECT_TRUE(driver.codec().idle());
}

TEST(http2_codec_test, the_answer_to_a_stream_that_was_reset_is_dropped) {
  http2_driver driver({}, false);
  http2_client client;
  const auto gone = client.request("GET", "/gone");
  const auto other = client.request("GET", "/other");
  driver.talk(client);
  client.reset(gone);
  driver.talk(client);
  driver.answer(1, "late");
  driver.answer(3, "fine");
  driver.talk(client);
  EXPECT_EQ(client.answer(gone).body, "");
  EXPECT_EQ(client.answer(other).body, "fine");
}

TEST(http2_codec_test, a_request_that_was_reset_before_its_end_is_never_given_out) {
  http2_driver driver;
  http2_client client;
  driver.talk(client);
  const std::size_t quiet = driver.codec().held_bytes();
  const auto id = client.request("POST", "/", std::string(50'000, 'x'), {}, true);
  driver.talk(client);
  EXPECT_GT(driver.codec().held_bytes(), quiet + 50'000);
  client.reset(id);
  driver.talk(client);
  EXPECT_TRUE(driver.requests().empty());
  EXPECT_TRUE(driver.codec().idle());
  EXPECT_LT(driver.codec().held_bytes(), quiet + 5'000);
}

TEST(http2_codec_test, pings_are_answered) {
  http2_driver driver;
  http2_client client;
  client.ping();
  driver.talk(client);
  EXPECT_EQ(client.pongs, 1U);
}

TEST(http2_codec_test, trailers_of_a_request_are_discarded) {
  http2_driver driver;
  driver.feed(std::string(http2_preface) + http2_frame(NGHTTP2_SETTINGS, 0, 0));
  // Indexed :method POST, :scheme http, :path /, then :authority "h" without indexing.
  const std::string block = "\x83\x86\x84\x01\x01h";
  driver.feed(http2_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 1, block) +
              http2_frame(NGHTTP2_DATA, 0, 1, "ab"));
  const std::string trailer = std::string("\x00\x0d", 2) + "authorization" + "\x01" + "x";
  EXPECT_TRUE(driver.requests().empty());
  driver.feed(
      http2_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, 1, trailer));
  ASSERT_EQ(driver.requests().size(), 1U);
  EXPECT_EQ(driver.requests()[0].body, "ab");
  EXPECT_EQ(driver.requests()[0].authorization, "");
}

TEST(http2_codec_test, the_end_of_input_drops_what_was_cut_short) {
  http2_driver driver({}, false);
  http2_client client;
  const auto whole = client.request("GET", "/whole");
  const auto half = client.request("POST", "/half", "a", {}, true);
  driver.talk(client);
  driver.codec().end_of_input();
  driver.pump();
  EXPECT_FALSE(driver.codec().finished());
  driver.answer(1, "x");
  driver.pump();
  client.feed(driver.take_sent());
  EXPECT_EQ(client.answer(whole).body, "x");
  EXPECT_TRUE(client.answer(half).closed);
  EXPECT_TRUE(driver.codec().finished());
}

TEST(http2_codec_test, memory_for_a_connection_goes_back) {
  limits bounds;
  http2_driver driver(bounds);
  http2_client client;
  driver.talk(client);
  const std::size_t quiet = driver.codec().held_bytes();
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 100; ++i) client.request("POST", "/", std::string(5000, 'x'));
    driver.talk(client);
  }
  EXPECT_EQ(driver.requests().size(), 300U);
  EXPECT_LT(driver.codec().held_bytes(), quiet + 100'000);
}

}  // namespace
}  // namespace factord::protocol::testing::http2_codec_test
