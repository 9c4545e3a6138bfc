#include <gtest/gtest.h>

#include "tests/unit/server/protocol/http2/driver.hpp"

namespace factord::protocol::testing::http2_limits_test {
namespace {

// Of the header list that the client sends for a field named "x" with this value (RFC 9113,
// section 6.5.2), beside the four pseudo fields of GET "/" on "h" over "http".
constexpr std::size_t list_without_value =
    (7 + 3 + 32) + (5 + 1 + 32) + (7 + 4 + 32) + (10 + 1 + 32) + (1 + 32);

TEST(http2_limits_test, a_header_list_may_have_its_limit) {
  limits bounds;
  bounds.header_bytes = 2000;
  for (const std::size_t over : {0U, 1U}) {
    http2_driver driver(bounds);
    http2_client client;
    const std::string value(bounds.header_bytes - list_without_value + over, 'v');
    const auto id = client.request("GET", "/", "", {{"x", value}});
    driver.talk(client);
    EXPECT_EQ(client.answer(id).status(), over == 0 ? "200" : "431");
    // The connection goes on.
    const auto next = client.request("GET", "/");
    driver.talk(client);
    EXPECT_EQ(client.answer(next).status(), "200");
  }
}

TEST(http2_limits_test, a_header_that_is_too_large_is_not_kept) {
  http2_driver driver;
  http2_client client;
  field_list fields;
  for (int i = 0; i < 100; ++i) fields.emplace_back("origin", std::string(500, 'a'));
  client.request("POST", "/", "", fields, true);
  driver.feed(client.output());
  ASSERT_EQ(driver.requests().size(), 1U);
  EXPECT_EQ(driver.requests()[0].refused, 431U);
  EXPECT_LE(driver.codec().held_bytes(), 4 * limits{}.header_bytes);
}

TEST(http2_limits_test, a_body_may_have_its_limit) {
  limits bounds;
  bounds.body_bytes = 70'000;
  for (const std::size_t over : {0U, 1U, 100'000U}) {
    http2_driver driver(bounds);
    http2_client client;
    const auto id = client.request("POST", "/", std::string(bounds.body_bytes + over, 'b'));
    driver.talk(client);
    EXPECT_EQ(driver.requests().back().refused, over == 0 ? 0U : 413U);
    EXPECT_EQ(driver.requests().back().body.size(), over == 0 ? bounds.body_bytes : 0U);
    EXPECT_EQ(client.answer(id).status(), over == 0 ? "200" : "413");
    EXPECT_TRUE(client.answer(id).closed) << "the rest of the body is refused";
    EXPECT_TRUE(driver.codec().idle());
  }
}

TEST(http2_limits_test, a_body_limit_of_nothing_takes_nothing) {
  limits bounds;
  bounds.body_bytes = 0;
  http2_driver driver(bounds);
  http2_client client;
  const auto none = client.request("POST", "/");
  const auto some = client.request("POST", "/", "x");
  driver.talk(client);
  EXPECT_EQ(client.answer(none).status(), "200");
  EXPECT_EQ(client.answer(some).status(), "413");
}

// A reader that takes what came lets a request in parts go on for ever; one that does not is not
// sent more than a body may have.
TEST(http2_limits_test, parts_that_are_taken_make_room) {
  limits bounds;
  bounds.body_bytes = 1000;
  http2_driver driver(bounds);
  http2_client client;
  const auto id = client.request("POST", "/stream", "", {}, true);
  for (int i = 0; i < 20; ++i) {
    client.send(id, std::string(1000, 'x'), false);
    driver.talk(client);
  }
  EXPECT_GE(client.answer(id).body.size(), 20'000U);
  for (const auto& seen : driver.requests()) EXPECT_EQ(seen.refused, 0U);
}

TEST(http2_limits_test, streams_beyond_the_limit_wait_at_the_client) {
  limits bounds;
  bounds.http2_streams = 3;
  http2_driver driver(bounds, false);
  http2_client client;
  driver.talk(client);
  for (int i = 0; i < 5; ++i) client.request("GET", "/");
  driver.talk(client);
  EXPECT_EQ(driver.requests().size(), 3U);
  driver.answer(1, "x");
  driver.talk(client);
  EXPECT_EQ(driver.requests().size(), 4U);
}

TEST(http2_limits_test, a_client_that_ignores_the_limit_of_streams_is_refused) {
  limits bounds;
  bounds.http2_streams = 3;
  http2_driver driver(bounds, false);
  http2_client client;  // has not heard of the limit yet
  for (int i = 0; i < 5; ++i) client.request("GET", "/");
  driver.feed(client.output());
  client.feed(driver.take_sent());
  EXPECT_EQ(driver.requests().size(), 3U);
  EXPECT_EQ(client.answer(7).code, NGHTTP2_REFUSED_STREAM);
  EXPECT_EQ(client.answer(9).code, NGHTTP2_REFUSED_STREAM);
}

TEST(http2_limits_test, answers_wait_for_the_windows_of_the_client) {
  http2_driver driver({}, false);
  http2_client client(false, {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1000}});
  const auto id = client.request("GET", "/");
  driver.talk(client);
  driver.answer(1, std::string(100'000, 'x'));
  driver.talk(client);
  EXPECT_EQ(client.answer(id).body.size(), 1000U);
  client.open_window(id, 64'000);
  driver.talk(client);
  EXPECT_EQ(client.answer(id).body.size(), 65'000U);
  client.open_window(id, 100'000);
  driver.talk(client);
  EXPECT_EQ(client.answer(id).body.size(), 65'535U) << "the window of the connection";
  client.open_window(0, 100'000);
  driver.talk(client);
  EXPECT_EQ(client.answer(id).body.size(), 100'000U);
  EXPECT_TRUE(client.answer(id).ended);
}

TEST(http2_limits_test, output_is_filled_as_far_as_its_limit) {
  limits bounds;
  bounds.output_bytes = 50'000;
  const date_clock date{timestamp{}};
  http2_codec codec(bounds, date, [](std::string_view) { return false; });
  http2_client client(true, {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1'000'000}});
  client.open_window(0, 1'000'000);
  const auto id = client.request("GET", "/");
  const std::string bytes = client.output();
  EXPECT_EQ(codec.receive(bytes), bytes.size());
  const request* got = codec.next();
  ASSERT_NE(got, nullptr);
  response out;
  out.body.assign(500'000, 'x');
  codec.respond(got->id, out);
  for (int writes = 0; writes < 12; ++writes) {
    codec.fill_output();
    EXPECT_LE(codec.output().size(), bounds.output_bytes + 16'384 + 9);
    client.feed(codec.output());
    codec.output().clear();
  }
  EXPECT_EQ(client.answer(id).body.size(), 500'000U);
}

TEST(http2_limits_test, no_request_is_given_out_while_too_many_answers_wait) {
  limits bounds;
  bounds.output_bytes = 10'000;
  http2_driver driver(bounds, false);
  http2_client client(false, {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0}});
  const auto large = client.request("GET", "/");
  driver.talk(client);
  driver.answer(1, std::string(10'000, 'x'));
  client.request("GET", "/");
  driver.talk(client);
  EXPECT_EQ(driver.requests().size(), 1U);
  EXPECT_FALSE(driver.codec().has_next());
  EXPECT_GE(driver.codec().held_bytes(), 10'000U);
  client.open_window(large, 1);
  driver.talk(client);
  EXPECT_EQ(driver.requests().size(), 2U);
}

// What a client can make us keep is counted, or the bound on all buffers is none.
TEST(http2_limits_test, fields_and_streams_are_memory) {
  http2_driver driver;
  http2_client client;
  driver.talk(client);
  const std::size_t quiet = driver.codec().held_bytes();
  EXPECT_LT(quiet, 4'096U) << "as many may be idle as there may be connections";
  constexpr std::size_t count = 100;
  const std::string value(7'000, 'a');
  for (std::size_t i = 0; i < count; ++i)
    client.request("POST", "/", {}, {{"authorization", value}}, true);
  driver.talk(client);
  EXPECT_GE(driver.codec().held_bytes(), quiet + count * (value.size() + sizeof(http2::stream)));
}

TEST(http2_limits_test, a_flood_of_pings_or_settings_ends_the_connection) {
  limits bounds;
  bounds.http2_acks = 10;
  const std::string ping = http2_frame(NGHTTP2_PING, 0, 0, "12345678");
  const std::string settings = http2_frame(NGHTTP2_SETTINGS, 0, 0);
  for (const std::string& frame : {ping, settings}) {
    for (const int over : {0, 1}) {
      http2_driver driver(bounds);
      http2_client client;
      driver.talk(client);
      std::string flood;
      for (int i = 0; i < 10 + over; ++i) flood += frame;
      driver.feed(flood);
      client.feed(driver.take_sent());
      EXPECT_EQ(driver.codec().finished(), over == 1);
      ASSERT_EQ(client.goaways.size(), over == 1 ? 1U : 0U);
      for (const auto& last : client.goaways) EXPECT_EQ(last.code, NGHTTP2_ENHANCE_YOUR_CALM);
    }
  }
}

TEST(http2_limits_test, a_flood_of_continuations_ends_the_connection) {
  http2_driver driver;
  http2_client client;
  driver.talk(client);
  std::string flood = http2_frame(NGHTTP2_HEADERS, 0, 1, "\x82\x86\x84\x01\x01h");
  for (int i = 0; i < 1000; ++i) flood += http2_frame(NGHTTP2_CONTINUATION, 0, 1);
  driver.feed(flood);
  client.feed(driver.take_sent());
  EXPECT_TRUE(driver.codec().finished());
  ASSERT_EQ(client.goaways.size(), 1U);
  EXPECT_EQ(client.goaways[0].code, NGHTTP2_ENHANCE_YOUR_CALM);
}

// Opens `count` streams, each with what brings its reset about.
template <class Bring>
void flood_with_resets(http2_driver& driver, http2_client& client, int count, Bring bring) {
  for (int i = 0; i < count; ++i) {
    const auto id = client.request("POST", "/", "", {}, true);
    driver.feed(client.output());
    bring(id);
    client.feed(driver.take_sent());
  }
}

void expect_calmed(http2_driver& driver, const http2_client& client, bool calmed) {
  EXPECT_EQ(driver.codec().finished(), calmed);
  ASSERT_EQ(client.goaways.size(), calmed ? 1U : 0U);
  for (const auto& last : client.goaways) EXPECT_EQ(last.code, NGHTTP2_ENHANCE_YOUR_CALM);
}

// A string of HPACK (RFC 7541, section 5.2), not Huffman coded.
std::string hpack_string(std::string_view text) {
  if (text.size() < 127) return std::string(1, static_cast<char>(text.size())).append(text);
  std::string out = "\x7f";
  std::size_t rest = text.size() - 127;
  for (; rest >= 128; rest /= 128) out += static_cast<char>(rest % 128 | 0x80U);
  return (out += static_cast<char>(rest)).append(text);
}

// HPACK names a field again by a byte, however long it is.
TEST(http2_limits_test, a_header_that_grows_beyond_measure_ends_the_connection) {
  const limits bounds;
  const std::size_t most = bounds.header_bytes + http2::header_flood;
  const std::string named_again(3000, 'v');
  const std::size_t each = 1 + named_again.size() + 32;
  const std::size_t pseudo = list_without_value - (1 + 32);
  const std::size_t times = (most - pseudo) / each - 1;
  const std::string begin = "\x82\x86\x84\x01\x01h\x40\x01x" + hpack_string(named_again) +
                            std::string(times - 1, '\xbe') + std::string("\0\x01y", 3);
  for (const std::size_t over : {0U, 1U}) {
    http2_driver driver(bounds);
    http2_client client;
    driver.talk(client);
    const std::string last(most - pseudo - times * each - (1 + 32) + over, 'w');
    driver.feed(http2_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, 1,
                            begin + hpack_string(last)));
    client.feed(driver.take_sent());
    expect_calmed(driver, client, over == 1);
    if (over == 1) continue;
    ASSERT_EQ(driver.requests().size(), 1U);
    EXPECT_EQ(driver.requests()[0].refused, 431U);
  }
}

// Who does not hear of the limit of streams is told a number of times.
TEST(http2_limits_test, a_flood_of_streams_beyond_their_limit_ends_the_connection) {
  limits bounds;
  bounds.http2_streams = 1;
  bounds.http2_resets = 10;
  for (const bool over : {false, true}) {
    http2_driver driver(bounds, false);
    http2_client client;
    for (int i = 0; i < (over ? 12 : 11); ++i) client.request("GET", "/");
    driver.feed(client.output());
    client.feed(driver.take_sent());
    expect_calmed(driver, client, over);
  }
}

limits ten_resets() {
  limits bounds;
  bounds.http2_resets = 10;
  return bounds;
}

TEST(http2_limits_test, a_flood_of_resets_ends_the_connection) {
  const limits bounds = ten_resets();
  for (const bool over : {false, true}) {
    http2_driver driver(bounds, false);
    http2_client client;
    flood_with_resets(driver, client, over ? 11 : 10, [&](std::int32_t id) {
      client.reset(id);
      driver.feed(client.output());
    });
    expect_calmed(driver, client, over);
    EXPECT_TRUE(driver.requests().empty());
  }
}

// CVE-2025-8671: the client has us reset its streams, which are no streams of its any more.
TEST(http2_limits_test, a_flood_of_streams_that_we_have_to_reset_ends_the_connection) {
  const limits bounds = ten_resets();
  for (const bool over : {false, true}) {
    http2_driver driver(bounds, false);
    http2_client client;
    flood_with_resets(driver, client, over ? 11 : 10, [&](std::int32_t id) {
      driver.feed(http2_frame(NGHTTP2_WINDOW_UPDATE, 0, id, "\x7f\xff\xff\xff"));
    });
    expect_calmed(driver, client, over);
    EXPECT_TRUE(driver.requests().empty());
  }
}

TEST(http2_limits_test, both_kinds_of_resets_count_together) {
  const limits bounds = ten_resets();
  http2_driver driver(bounds, false);
  http2_client client;
  int turn = 0;
  flood_with_resets(driver, client, 11, [&](std::int32_t id) {
    if (++turn % 2 == 0) client.reset(id);
    driver.feed(turn % 2 == 0 ? client.output()
                              : http2_frame(NGHTTP2_WINDOW_UPDATE, 0, id, "\x7f\xff\xff\xff"));
  });
  expect_calmed(driver, client, true);
}

}  // namespace
}  // namespace factord::protocol::testing::http2_limits_test
