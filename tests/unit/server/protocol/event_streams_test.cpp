// Streams of events over a session: parts as there is room, until somebody ends them.

#include "server/protocol/event_streams.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/server/protocol/http2/client.hpp"
#include "tests/unit/server/protocol/session_fixture.hpp"

namespace factord::protocol::event_streams_test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using testing::http2_client;
using sequences = std::vector<std::uint64_t>;

constexpr std::string_view ndjson = "application/x-ndjson";
constexpr std::string_view sse = "text/event-stream";

/// The sequences of events, in order: each begins a line, or what stands behind "data: ".
sequences sequences_in(std::string_view text) {
  constexpr std::string_view mark = "{\"sequence\":\"";
  sequences found;
  for (std::size_t at = text.find(mark); at != text.npos; at = text.find(mark, at + 1)) {
    if (at > 0 && text[at - 1] != '\n' && text[at - 1] != ' ') continue;
    const char* const digits = text.data() + at + mark.size();
    std::from_chars(digits, text.data() + text.size(), found.emplace_back());
  }
  return found;
}

sequences range(std::uint64_t first, std::uint64_t last) {
  sequences all(last + 1 - first);
  std::iota(all.begin(), all.end(), first);
  return all;
}

class event_streams_test : public session_fixture {
 protected:
  event_streams_test() : by_(admin()) {}

  static std::string line(std::string_view query, std::string_view accept, std::string_view token,
                          std::string_view fields = {}) {
    std::string bytes = "GET /v2/events";
    bytes.append(query).append(" HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ").append(token);
    bytes.append("\r\nAccept: ").append(accept).append("\r\n").append(fields).append("\r\n");
    return bytes;
  }
  void follow(std::string_view query = {}, std::string_view accept = ndjson,
              std::string_view fields = {}) {
    feed(line(query, accept, by_, fields));
  }

  /// All that is to be sent until nothing more comes, as a client reads it that keeps up.
  std::string take() {
    std::string all;
    do {
      all += std::exchange(session_->output(), {});
      feed({});
    } while (session_->resume_streams() || !answered_.empty() || !session_->output().empty());
    return all;
  }
  /// The same without what the chunks are made of.
  std::string take_body() {
    std::string bytes = take();
    if (const auto end = bytes.find("\r\n\r\n"); bytes.starts_with("HTTP/1.1 ")) {
      head_ = bytes.substr(0, end + 2);
      bytes.erase(0, end + 4);
    }
    std::string body;
    std::string_view rest = bytes;
    while (!rest.empty()) {
      std::size_t size = 0;
      const auto digits = std::from_chars(rest.data(), rest.data() + rest.size(), size, 16);
      rest.remove_prefix(static_cast<std::size_t>(digits.ptr - rest.data()) + 2);
      body += rest.substr(0, size);
      rest.remove_prefix(size + 2);
      if (size == 0) ended_ = true;
    }
    return body;
  }
  sequences take_sequences() { return sequences_in(take_body()); }

  /// A write of somebody else.
  void write(service::operation op, std::string_view user_id) {
    service::call& pending = make(op, by_, user_id);
    users_->start(pending);
    while (queue_->run_batch(now_)) {
    }
    std::erase(answered_, &pending);
    EXPECT_EQ(pending.out.code, service::status_code::ok) << pending.out.message;
  }

  const std::string by_;
  std::string head_;
  bool ended_ = false;
};

TEST_F(event_streams_test, all_there_is_and_then_what_comes) {
  add_user("u", "o");
  follow();
  EXPECT_EQ(take_sequences(), range(1, 3));
  EXPECT_THAT(head_, HasSubstr("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(head_, HasSubstr("\r\nContent-Type: application/x-ndjson\r\n"));
  EXPECT_THAT(head_, HasSubstr("\r\nTransfer-Encoding: chunked\r\n"));
  EXPECT_EQ(take(), "");
  write(service::operation::lock_user, "u");
  write(service::operation::unlock_user, "u");
  EXPECT_EQ(take_sequences(), range(4, 5));
  write(service::operation::lock_user, "u");
  EXPECT_EQ(take_sequences(), sequences{6});
  EXPECT_FALSE(ended_);
  EXPECT_FALSE(session_->idle()) << "a stream is never idle";
}

TEST_F(event_streams_test, pages_leave_no_gap) {
  while (last_sequence() < 2'500) token("t", {service::role::iam_owner});
  follow();
  EXPECT_EQ(take_sequences(), range(1, 2'500));
}

TEST_F(event_streams_test, it_begins_before_there_is_an_event) {
  follow("?after=" + std::to_string(last_sequence()), sse);
  EXPECT_EQ(take_body(), "retry: 1000\n\n");
  EXPECT_THAT(head_, HasSubstr("\r\nContent-Type: text/event-stream\r\n"));
}

TEST_F(event_streams_test, what_is_filtered_is_passed_over) {
  add_user("u", "o");
  follow("?type=user.locked");
  EXPECT_EQ(take_sequences(), sequences{});
  write(service::operation::add_otp_email, "u");
  write(service::operation::lock_user, "u");
  write(service::operation::unlock_user, "u");
  write(service::operation::lock_user, "u");
  EXPECT_EQ(take_sequences(), (sequences{5, 7}));
}

TEST_F(event_streams_test, a_filter_looks_at_all_of_a_long_log) {
  while (last_sequence() < 12'000) token("t", {service::role::iam_owner});
  add_user("u", "o");
  follow("?type=user.human.added");
  EXPECT_EQ(take_sequences(), sequences{12'001});
}

TEST_F(event_streams_test, server_sent_events_go_on_where_they_ended) {
  add_user("u", "o");
  follow("?after=0", sse, "Last-Event-ID: store:2\r\n");
  const std::string body = take_body();
  EXPECT_THAT(body, HasSubstr("id: store:3\ndata: {\"sequence\":\"3\""));
  EXPECT_EQ(sequences_in(body), sequences{3});
}

TEST_F(event_streams_test, the_last_event_of_another_store_is_refused) {
  follow({}, sse, "Last-Event-ID: other:2\r\n");
  const std::string answer = take();
  EXPECT_THAT(answer, HasSubstr("HTTP/1.1 409 "));
  EXPECT_THAT(answer, HasSubstr(R"("id":"FACTORD-Store")"));
}

TEST_F(event_streams_test, what_is_no_event_is_refused) {
  for (const std::string_view id : {"", "2", ":2", "store:", "store:x", "store:-1"}) {
    follow({}, sse, "Last-Event-ID: " + std::string(id) + "\r\n");
    EXPECT_THAT(take(), HasSubstr("HTTP/1.1 400 ")) << id;
  }
}

TEST_F(event_streams_test, what_only_a_page_has_is_refused) {
  for (const std::string_view query : {"limit=1", "wait=1s", "to=2026-01-31T12:00:00Z"}) {
    follow("?" + std::string(query));
    const std::string answer = take();
    EXPECT_THAT(answer, HasSubstr("HTTP/1.1 400 ")) << query;
    EXPECT_THAT(answer, HasSubstr(" is for a page: a stream goes on for ever")) << query;
  }
}

TEST_F(event_streams_test, what_takes_no_parts_gets_none) {
  std::string old = line({}, ndjson, by_);
  old.replace(old.find("HTTP/1.1"), 8, "HTTP/1.0");
  feed(old);
  EXPECT_THAT(take(), HasSubstr(" 501 "));
  use_surface(surface::api);
  std::string head = line({}, ndjson, by_);
  feed(head.replace(0, 3, "HEAD"));
  EXPECT_THAT(take(), HasSubstr("\r\nContent-Type: application/json\r\n"));
}

TEST_F(event_streams_test, nothing_is_read_for_who_does_not_read) {
  add_user("u", "o");
  follow();
  const std::string first = session_->output();
  EXPECT_FALSE(session_->resume_streams());
  for (int i = 0; i < 10; ++i) {
    write(service::operation::lock_user, "u");
    write(service::operation::unlock_user, "u");
    feed({});
    EXPECT_FALSE(session_->resume_streams());
  }
  EXPECT_EQ(session_->output(), first);
  EXPECT_EQ(take_sequences(), range(1, last_sequence()));
}

TEST_F(event_streams_test, it_says_something_now_and_then) {
  follow();
  take();
  steady_now_ += event_streams::pause_time - 1ms;
  session_->sweep(steady_now_, true);
  EXPECT_EQ(take_body(), "");
  steady_now_ += 1ms;
  session_->sweep(steady_now_, true);
  EXPECT_EQ(take_body(), "\n");
  session_->sweep(steady_now_, true);
  EXPECT_EQ(take_body(), "");
  EXPECT_FALSE(ended_);
}

TEST_F(event_streams_test, a_revoked_token_ends_it) {
  add_user("reader", "o");
  const std::string reader = token("reader", {service::role::iam_owner_viewer});
  // Also where the event that ends it would be held back.
  feed(line("?type=user.removed", ndjson, reader));
  EXPECT_EQ(take_sequences(), sequences{});
  write(service::operation::lock_user, "reader");
  EXPECT_EQ(take_body(), "");
  EXPECT_TRUE(ended_);
  EXPECT_EQ(session_->calls_in_flight(), 0U);
}

TEST_F(event_streams_test, an_expired_token_ends_it) {
  service::call& made = make(service::operation::create_token, {}, "reader");
  made.who.trusted = true;
  made.in.roles.add(service::role::iam_owner_viewer);
  made.in.lifetime = 10s;
  feed(line({}, ndjson, ask(made).token));
  take();
  now_ += 10s - 1us;
  users_->sweep();
  EXPECT_EQ(take_body(), "");
  EXPECT_FALSE(ended_);
  now_ += 1us;
  users_->sweep();
  EXPECT_EQ(take_body(), "");
  EXPECT_TRUE(ended_);
}

TEST_F(event_streams_test, a_drain_ends_it_after_a_whole_event) {
  add_user("u", "o");
  follow();
  users_->drain();
  session_->drain();
  EXPECT_EQ(take_sequences(), range(1, 3));
  EXPECT_TRUE(ended_);
  EXPECT_TRUE(session_->finished());
}

TEST_F(event_streams_test, the_end_of_the_input_ends_it) {
  follow();
  session_->end_of_input();
  EXPECT_EQ(take_sequences(), sequences{1});
  EXPECT_TRUE(ended_);
  EXPECT_TRUE(session_->finished());
}

/// Over HTTP/2: a client that opens its windows, or one that does not.
class event_streams_http2 : public event_streams_test {
 protected:
  void talk(http2_client& with) {
    for (bool busy = true; busy;) {
      const std::string bytes = with.output();
      feed(bytes);
      session_->fill_output();
      const std::string answer = std::exchange(session_->output(), {});
      with.feed(answer);
      const bool resumed = session_->resume_streams();
      busy = !bytes.empty() || !answer.empty() || resumed || !answered_.empty();
    }
  }
  std::int32_t begin(http2_client& by, const std::string& query = {}) {
    const auto id =
        by.request("GET", "/v2/events" + query, {},
                   {{"authorization", "Bearer " + by_}, {"accept", "text/event-stream"}});
    talk(by);
    return id;
  }
};

TEST_F(event_streams_http2, streams_share_a_connection) {
  add_user("u", "o");
  http2_client client;
  const auto all = begin(client);
  const auto some = begin(client, "?type=user.locked");
  EXPECT_EQ(sequences_in(client.answer(all).body), range(1, 3));
  EXPECT_EQ(client.answer(some).body, "retry: 1000\n\n");
  write(service::operation::lock_user, "u");
  talk(client);
  EXPECT_EQ(sequences_in(client.answer(all).body), range(1, 4));
  EXPECT_EQ(sequences_in(client.answer(some).body), sequences{4});
  client.reset(all);
  talk(client);
  write(service::operation::unlock_user, "u");
  write(service::operation::lock_user, "u");
  talk(client);
  EXPECT_EQ(sequences_in(client.answer(some).body), (sequences{4, 6}));
  EXPECT_FALSE(client.answer(some).ended);
}

TEST_F(event_streams_http2, readers_that_have_stalled_are_in_nobodys_way) {
  bounds_.output_bytes = 4'096;
  use_surface(surface::api);
  while (last_sequence() < 100) token("t", {service::role::iam_owner});
  http2_client client(false, {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1'000}});
  std::vector<std::int32_t> stalled;
  for (int i = 0; i < 8; ++i) stalled.push_back(begin(client));
  for (int i = 0; i < 100; ++i) {
    const auto id = client.request("GET", "/livez");
    talk(client);
    EXPECT_EQ(client.answer(id).body, "ok");
  }
  for (const auto id : stalled) {
    EXPECT_EQ(client.answer(id).body.size(), 1'000U);
    EXPECT_FALSE(client.answer(id).ended);
  }
  // The one that reads on has missed nothing.
  client.open_window(0, 1'000'000);
  client.open_window(stalled[3], 1'000'000);
  talk(client);
  EXPECT_EQ(sequences_in(client.answer(stalled[3]).body), range(1, last_sequence()));
  EXPECT_EQ(client.answer(stalled[4]).body.size(), 1'000U);
}

TEST_F(event_streams_http2, a_drain_ends_it_in_order) {
  http2_client client;
  const auto id = begin(client);
  users_->drain();
  session_->drain();
  talk(client);
  EXPECT_TRUE(client.answer(id).ended);
  EXPECT_FALSE(client.goaways.empty());
}

TEST_F(event_streams_test, it_waits_for_its_turn) {
  add_user("u", "o");
  write(service::operation::add_otp_email, "u");
  feed("DELETE /v2/users/u/otp_email HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + by_ +
       "\r\n\r\n" + line({}, ndjson, by_));
  EXPECT_EQ(session_->output(), "");
  run_queue();
  const std::string all = take();
  EXPECT_THAT(all, HasSubstr("HTTP/1.1 200 OK"));
  EXPECT_EQ(sequences_in(all), range(1, last_sequence()));
}

}  // namespace
}  // namespace factord::protocol::event_streams_test
