// Requests in parts over HTTP/1.1: a body of any length, as far as its reader takes it.

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>

#include "tests/unit/server/protocol/http1/driver.hpp"

namespace factord::protocol::testing::request_parts_test {
namespace {

using namespace std::chrono_literals;
using time_point = codec::time_point;

constexpr std::string_view ok_100 = "HTTP/1.1 100 Continue\r\n\r\n";

bool is_parted(std::string_view target) { return target == "/parts"; }

std::string head_of(std::string_view fields, std::string_view version = "1.1") {
  std::string head("POST /parts HTTP/");
  head.append(version).append("\r\nHost: h\r\n").append(fields).append("\r\n");
  return head;
}
std::string chunked(std::string_view fields = {}) {
  return head_of("Transfer-Encoding: chunked\r\n" + std::string(fields));
}
std::string counted(std::size_t bytes) {
  return head_of("Content-Length: " + std::to_string(bytes) + "\r\n");
}
std::string chunk(std::string_view bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string size;
  for (std::size_t rest = bytes.size(); rest > 0; rest /= 16) size.insert(0, 1, digits[rest % 16]);
  return size.append("\r\n").append(bytes).append("\r\n");
}
const std::string last_chunk = "0\r\n\r\n";
const std::string get_a = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

class request_parts : public ::testing::Test {
 protected:
  static limits bounds() {
    limits made;
    made.body_bytes = 16;
    made.pipelined_requests = 1;
    return made;
  }

  /// Feeds bytes, and takes what comes of the request in parts where somebody `reads`.
  void feed(std::string_view bytes) {
    pending_ += bytes;
    while (codec().wants_input()) {
      pending_.erase(0, codec().receive(pending_));
      request* const got = codec().next();
      if (got == nullptr) break;
      take(*got);
    }
  }
  void take(request& got) {
    if (!is_parted(got.target)) {
      ++others_;
      driver_.answer(got.id, "other");
      return;
    }
    ++parts_;
    id_ = got.id;
    more_ = got.more;
    takes_parts_ = got.takes_parts;
    refused_ = got.refused;
    if (reads_) seen_ += std::exchange(got.body, {});
  }
  /// The reader takes up to so much of what it had left.
  void read(std::size_t most) {
    request* const left = codec().again(id_);
    ASSERT_NE(left, nullptr);
    seen_ += left->body.substr(0, most);
    left->body.erase(0, most);
    feed({});
  }
  void respond(std::string_view body, bool more, answer_status status = 200) {
    response part;
    part.status = status;
    part.content_type = "text/plain";
    part.body = body;
    part.more = more;
    codec().respond(id_, part);
  }
  std::string fresh() { return std::exchange(codec().output(), {}); }
  http1_codec& codec() { return driver_.codec(); }

  http1_driver driver_{bounds(), true, host_rule::checked, is_parted};
  std::string pending_;
  std::string seen_;
  std::uint64_t id_ = 99;
  std::size_t parts_ = 0;
  std::size_t others_ = 0;
  bool more_ = false;
  bool takes_parts_ = true;
  bool reads_ = true;
  refusal refused_;
};

TEST_F(request_parts, come_as_they_arrive) {
  feed(chunked());
  EXPECT_EQ(std::pair(parts_, more_), std::pair(1UL, true));
  feed(chunk("abc"));
  EXPECT_EQ(seen_, "abc");
  feed("2\r\n");
  EXPECT_EQ(parts_, 2U) << "those bytes are none of the body";
  feed("de\r\n");
  EXPECT_EQ(seen_, "abcde");
  EXPECT_TRUE(more_);
  feed(last_chunk);
  EXPECT_FALSE(more_);
  EXPECT_EQ(id_, 0U);
  EXPECT_EQ(codec().output(), "");
}

TEST_F(request_parts, are_as_long_as_they_like) {
  const std::string text(1'000, 'x');
  for (const std::string& bytes : {chunked() + chunk(text) + last_chunk, counted(1'000) + text}) {
    seen_.clear();
    for (const char one : bytes) feed({&one, 1});
    EXPECT_EQ(seen_, text);
    EXPECT_FALSE(more_);
    respond("", false);
    EXPECT_FALSE(codec().finished());
  }
}

TEST_F(request_parts, the_same_however_they_are_cut) {
  const std::string bytes = chunked() + chunk("abc") + chunk("0123456789abcdef!") + last_chunk;
  for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
    http1_driver fresh_driver(bounds(), false, host_rule::checked, is_parted);
    http1_codec& mine = fresh_driver.codec();
    std::string body;
    bool more = true;
    std::string left;
    for (const std::string& piece : {bytes.substr(0, cut), bytes.substr(cut)}) {
      left += piece;
      while (mine.wants_input()) {
        left.erase(0, mine.receive(left));
        request* const got = mine.next();
        if (got == nullptr) break;
        body += std::exchange(got->body, {});
        more = got->more;
      }
    }
    EXPECT_EQ(body, "abc0123456789abcdef!") << cut;
    EXPECT_FALSE(more) << cut;
  }
}

TEST_F(request_parts, one_that_is_there_at_once_is_given_out_once) {
  feed(counted(3) + "abc");
  EXPECT_EQ(std::pair(parts_, more_), std::pair(1UL, false));
  EXPECT_EQ(seen_, "abc");
  respond("", false);
  feed(counted(0));
  EXPECT_EQ(std::pair(parts_, more_), std::pair(2UL, false));
}

TEST_F(request_parts, who_takes_nothing_stops_the_reading) {
  reads_ = false;
  feed(chunked());
  for (int i = 0; i < 100 && codec().wants_input(); ++i) feed(chunk("12345678"));
  EXPECT_FALSE(codec().wants_input());
  const std::size_t held = codec().held_bytes();
  EXPECT_GT(held, 16U);
  feed(chunk("12345678"));
  EXPECT_EQ(codec().held_bytes(), held);
  const std::size_t unread = pending_.size();
  EXPECT_GT(unread, 0U);
  read(8);
  EXPECT_LT(pending_.size(), unread);
  read(100);
  read(100);
  feed(last_chunk);
  EXPECT_FALSE(more_);
  EXPECT_EQ(seen_.size() % 8, 0U);
}

TEST_F(request_parts, nothing_behind_it_is_run_before_all_of_it_was_taken) {
  reads_ = false;
  feed(counted(8) + "abcdefgh" + get_a);
  EXPECT_FALSE(more_);
  EXPECT_EQ(others_, 0U);
  EXPECT_FALSE(codec().wants_input());
  read(7);
  EXPECT_EQ(others_, 0U);
  read(1);
  EXPECT_EQ(seen_, "abcdefgh");
  respond("a", true);
  respond("b", false);
  feed({});
  EXPECT_EQ(others_, 1U);
  EXPECT_EQ(count(fresh(), "HTTP/1.1 200"), 2U);
}

TEST_F(request_parts, an_answer_before_the_end_ends_the_connection) {
  feed(chunked() + chunk("abc"));
  respond("no", false, 401);
  const std::string said = fresh();
  EXPECT_NE(said.find("\r\nConnection: close\r\n"), said.npos) << said;
  EXPECT_TRUE(codec().finished());
  EXPECT_EQ(codec().again(id_), nullptr);
  feed(chunk("def") + last_chunk + get_a);
  EXPECT_EQ(others_, 0U);
}

TEST_F(request_parts, an_answer_that_has_begun_ends_the_connection_too) {
  feed(chunked() + chunk("abc"));
  respond("a", true);
  EXPECT_FALSE(codec().finished());
  respond("b", false);
  EXPECT_TRUE(fresh().ends_with("1\r\nb\r\n0\r\n\r\n"));
  EXPECT_TRUE(codec().finished());
}

TEST_F(request_parts, an_answer_behind_the_end_leaves_the_connection_open) {
  reads_ = false;
  feed(counted(3) + "abc");
  respond("no", false, 401);
  EXPECT_EQ(fresh().find("Connection: close"), std::string::npos);
  feed(get_a);
  EXPECT_EQ(others_, 1U);
}

TEST_F(request_parts, continue_is_sent_once_the_body_is_wanted) {
  feed(chunked("Expect: 100-continue\r\n"));
  EXPECT_EQ(fresh(), "");
  respond("", true);
  EXPECT_TRUE(fresh().starts_with(std::string(ok_100) + "HTTP/1.1 200 OK\r\n"));
  feed(chunk("abc") + last_chunk);
  EXPECT_EQ(seen_, "abc");
  respond("", false);
  EXPECT_EQ(count(fresh(), "100 Continue"), 0U);
}

TEST_F(request_parts, continue_is_not_sent_to_who_is_refused_or_has_sent_all) {
  feed(chunked("Expect: 100-continue\r\n"));
  respond("no", false, 401);
  EXPECT_EQ(count(fresh(), "100 Continue"), 0U);
  http1_driver other(bounds(), true, host_rule::checked, is_parted);
  other.feed(chunked("Expect: 100-continue\r\n") + chunk("a") + last_chunk);
  EXPECT_EQ(count(other.output(), "100 Continue"), 0U);
}

TEST_F(request_parts, each_bit_of_a_body_has_its_time) {
  const limits usual;
  time_point now{};
  feed(chunked());
  for (int i = 0; i < 5; ++i) {
    codec().sweep(now, true);
    codec().sweep(now += usual.body_time - 1ms, true);
    feed(chunk("a"));
  }
  EXPECT_TRUE(more_);
  codec().sweep(now, true);
  codec().sweep(now += usual.body_time, true);
  feed({});
  EXPECT_FALSE(more_);
  EXPECT_EQ(refused_.status, 408U);
  EXPECT_EQ(fresh(), "") << "its reader says so";
  respond("late", false);
  EXPECT_TRUE(codec().finished());
}

TEST_F(request_parts, nobody_is_late_whose_body_is_not_read) {
  reads_ = false;
  feed(chunked() + chunk("0123456789abcdef!"));
  EXPECT_FALSE(codec().wants_input());
  time_point now{};
  for (int i = 0; i < 5; ++i) codec().sweep(now += 60s, true);
  EXPECT_FALSE(codec().has_next());
  EXPECT_TRUE(codec().idle());
}

TEST_F(request_parts, a_fault_of_framing_is_told_to_who_reads) {
  feed(chunked());
  feed("xyz\r\n");
  EXPECT_FALSE(more_);
  EXPECT_EQ(refused_.status, 400U);
  respond("bad", false);
  EXPECT_TRUE(codec().finished());
}

TEST_F(request_parts, a_fault_before_it_was_given_out_is_answered_as_any) {
  feed(chunked() + "xyz\r\n");
  EXPECT_EQ(parts_, 0U);
  EXPECT_EQ(count(fresh(), "HTTP/1.1 400"), 1U);
  EXPECT_TRUE(codec().finished());
}

TEST_F(request_parts, the_end_of_the_input_in_the_middle) {
  feed(chunked() + chunk("abc"));
  codec().end_of_input();
  EXPECT_FALSE(codec().wants_input());
  EXPECT_FALSE(codec().finished());
  EXPECT_TRUE(codec().awaits(id_));
  respond("cut", false);
  EXPECT_TRUE(codec().finished());
}

TEST_F(request_parts, the_end_of_the_input_behind_it) {
  reads_ = false;
  feed(counted(3) + "abc");
  codec().end_of_input();
  read(3);
  EXPECT_EQ(seen_, "abc");
  EXPECT_FALSE(codec().finished());
  respond("all", false);
  EXPECT_TRUE(codec().finished());
}

TEST_F(request_parts, a_drain_lets_it_go_on) {
  feed(chunked());
  codec().drain();
  feed(chunk("abc") + last_chunk);
  EXPECT_EQ(seen_, "abc");
  EXPECT_FALSE(more_);
  respond("", true);
  EXPECT_NE(fresh().find("Connection: close"), std::string::npos);
  respond("", false);
  EXPECT_TRUE(codec().finished());
}

TEST_F(request_parts, waits_for_its_turn) {
  limits two = bounds();
  two.pipelined_requests = 2;
  http1_driver other(two, false, host_rule::checked, is_parted);
  other.feed(get_a + chunked("Expect: 100-continue\r\n"));
  response part;
  part.more = true;
  other.codec().respond(1, part);
  EXPECT_EQ(other.output(), "");
  other.answer(0, "first");
  const std::string all = other.output();
  EXPECT_LT(all.find("first"), all.find(ok_100));
  EXPECT_LT(all.find(ok_100), all.rfind("HTTP/1.1 200"));
}

// Of HTTP/1.0 too, whose client takes none: so it is told at once, whatever the length.
TEST_F(request_parts, say_whether_their_client_takes_parts) {
  feed(head_of("Content-Length: 17\r\nConnection: keep-alive\r\n", "1.0"));
  EXPECT_EQ(parts_, 1U);
  EXPECT_FALSE(takes_parts_);
}

TEST_F(request_parts, are_not_of_other_verbs) {
  http1_driver other(bounds(), true, host_rule::checked, is_parted);
  std::string put = counted(3);
  other.feed(put.replace(0, 4, "PUT") + "ab");
  EXPECT_TRUE(other.requests().empty());
  other.feed("c");
  ASSERT_EQ(other.requests().size(), 1U);
  EXPECT_EQ(other.requests()[0].body, "abc");
}

}  // namespace
}  // namespace factord::protocol::testing::request_parts_test
