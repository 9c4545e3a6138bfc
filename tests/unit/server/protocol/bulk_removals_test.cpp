// Bulk removals over a session: what each line is answered, and what is refused as a whole.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/protocol/messages/bulk_removal.hpp"
#include "tests/unit/server/protocol/bulk_fixture.hpp"

namespace factord::protocol::bulk_removals_test {
namespace {

using namespace bulk_testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class bulk_removals_test : public bulk_fixture {};

TEST_F(bulk_removals_test, each_line_is_a_removal_of_its_own) {
  EXPECT_THAT(whole(line_of("u1") + line_of("nobody") + line_of("u1") + line_of("u2")),
              ElementsAre(done("u1", before_ + 1), absent("nobody"), absent("u1"),
                          done("u2", before_ + 2)));
  EXPECT_THAT(head_, HasSubstr("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(head_, HasSubstr("\r\nContent-Type: application/x-ndjson\r\n"));
  EXPECT_THAT(head_, HasSubstr("\r\nTransfer-Encoding: chunked\r\n"));
  EXPECT_EQ(head_.find("Connection: close"), std::string::npos);
  EXPECT_EQ(last_sequence(), before_ + 2);
  EXPECT_TRUE(session_->idle());
}

TEST_F(bulk_removals_test, of_no_lines_the_answer_has_none) {
  EXPECT_THAT(whole(""), IsEmpty());
  EXPECT_THAT(whole("\n\r\n  \n"), IsEmpty());
}

TEST_F(bulk_removals_test, the_same_with_a_length_and_without_a_last_line_end) {
  made_ = calls_.in_use();
  std::string text = line_of("u1") + line_of("u2");
  text.pop_back();
  feed(head("Content-Length: " + std::to_string(text.size()) + "\r\n\r\n") + text);
  EXPECT_THAT(take(), ElementsAre(done("u1", before_ + 1), done("u2", before_ + 2)));
  EXPECT_TRUE(ended_);
}

TEST_F(bulk_removals_test, lines_are_answered_as_they_come) {
  begin();
  EXPECT_THAT(take(), IsEmpty());
  EXPECT_THAT(head_, HasSubstr("HTTP/1.1 200 OK\r\n")) << "before there is a line";
  send(line_of("u1"));
  EXPECT_THAT(take(), ElementsAre(done("u1", before_ + 1)));
  send(line_of("u2").substr(0, 5));
  EXPECT_THAT(take(), IsEmpty());
  send(line_of("u2").substr(5));
  EXPECT_THAT(take(), ElementsAre(done("u2", before_ + 2)));
  EXPECT_FALSE(session_->idle());
  EXPECT_FALSE(ended_);
  end();
  EXPECT_THAT(take(), IsEmpty());
  EXPECT_TRUE(ended_);
}

TEST_F(bulk_removals_test, the_same_byte_by_byte) {
  made_ = calls_.in_use();
  const std::string bytes = head("Transfer-Encoding: chunked\r\n\r\n") +
                            chunk(line_of("u1") + "\n{\n") + chunk(line_of("u2")) + "0\r\n\r\n";
  lines found;
  for (const char one : bytes) {
    feed({&one, 1});
    for (std::string& line : take()) found.push_back(std::move(line));
  }
  EXPECT_THAT(found, ElementsAre(done("u1", before_ + 1), HasSubstr(R"({"line":3,"status":400,)"),
                                 done("u2", before_ + 2)));
}

TEST_F(bulk_removals_test, what_cannot_be_read_is_answered_in_its_turn_and_the_rest_goes_on) {
  const lines found =
      whole(line_of("u1") + "\r\n" + "{\"userId\":7}\r\n" + "[]\n" + line_of("") + line_of("u2"));
  ASSERT_EQ(found.size(), 5U);
  EXPECT_EQ(found[0], done("u1", before_ + 1));
  EXPECT_EQ(found[1], R"({"line":3,"status":400,"error":{"code":3,"message":"invalid JSON: )"
                      R"(userId must be a string, at byte 10"}})");
  EXPECT_THAT(found[2], HasSubstr(R"({"line":4,"status":400,"error":{"code":3,)"));
  EXPECT_THAT(found[3], HasSubstr(R"({"line":5,"status":400,"error":{"code":3,)"));
  EXPECT_THAT(found[3], HasSubstr("invalid RemoveOTPEmailRequest.UserId: value length"));
  EXPECT_EQ(found[4], done("u2", before_ + 2));
}

TEST_F(bulk_removals_test, a_line_may_have_4_kib_and_no_more) {
  std::string padded = R"({"userId":"u1")";
  padded.append(removal_line_bytes - padded.size() - 1, ' ').append("}\n");
  EXPECT_THAT(whole(padded), ElementsAre(done("u1", before_ + 1)));
  padded.insert(padded.size() - 2, " ");
  begin();
  send(line_of("u2") + padded + line_of("u3"));
  ended_ = false;
  EXPECT_THAT(
      take(),
      ElementsAre(done("u2", before_ + 2),
                  R"({"line":2,"status":400,"error":{"code":3,"message":"the line is longer than )"
                  R"(4096 bytes"}})"));
  EXPECT_TRUE(ended_);
  EXPECT_TRUE(session_->finished()) << "nobody reads on";
  EXPECT_EQ(last_sequence(), before_ + 2);
}

TEST_F(bulk_removals_test, a_line_that_is_too_long_is_seen_before_its_end) {
  begin();
  send(std::string(removal_line_bytes + 2, ' '));
  EXPECT_THAT(take(), ElementsAre(HasSubstr(R"({"line":1,"status":400,)")));
  EXPECT_TRUE(ended_);
}

TEST_F(bulk_removals_test, if_sequence_is_a_precondition) {
  const std::string last = std::to_string(before_);  // of u3
  const std::string old = R"({"userId":"u3","ifSequence":"1"})";
  const std::string known = R"({"userId":"u3","ifSequence":)" + last + "}";
  const lines found = whole(old + "\n" + known + "\n" + known + "\n");
  ASSERT_EQ(found.size(), 3U);
  EXPECT_THAT(found[0], HasSubstr(R"({"userId":"u3","status":412,"error":{"code":9,)"));
  EXPECT_THAT(found[0], HasSubstr("FACTORD-Match"));
  EXPECT_EQ(found[1], done("u3", before_ + 1));
  EXPECT_THAT(found[2], HasSubstr(R"("status":412)"));
}

TEST_F(bulk_removals_test, a_key_makes_it_safe_to_send_again) {
  const std::string all = line_of("u1") + "\n" + line_of("u2") + line_of("nobody");
  const lines first = whole(all, "Idempotency-Key: k\r\n");
  EXPECT_THAT(first,
              ElementsAre(done("u1", before_ + 1), done("u2", before_ + 2), absent("nobody")));
  const lines again = whole(all + line_of("u3"), "Idempotency-Key: \"k\"\r\n");
  const auto replayed = [](std::string line) {
    return line.replace(line.size() - 1, 1, R"(,"replayed":true})");
  };
  EXPECT_THAT(again, ElementsAre(replayed(first[0]), replayed(first[1]), absent("nobody"),
                                 done("u3", before_ + 3)));
  EXPECT_EQ(last_sequence(), before_ + 3);
  // A line's key is that of a single call.
  const answer_seen single =
      ask_http("DELETE /v2/users/u2/otp_email", {}, by_, "Idempotency-Key: k:3\r\n");
  EXPECT_EQ(single.status, 200U);
  EXPECT_TRUE(single.has("Idempotency-Replayed: true"));
  // Another user under it is not the same request.
  EXPECT_THAT(whole(line_of("u2"), "Idempotency-Key: k\r\n"),
              ElementsAre(HasSubstr(R"({"userId":"u2","status":422,"error":{"code":9,)")));
}

TEST_F(bulk_removals_test, a_key_leaves_room_for_the_numbers_of_lines) {
  const std::string key(234, 'k');
  EXPECT_THAT(whole(line_of("u1"), "Idempotency-Key: " + key + "\r\n"),
              ElementsAre(done("u1", before_ + 1)));
  const std::string answer =
      refused(head("Idempotency-Key: " + key + "k\r\nContent-Length: 16\r\n\r\n" + line_of("u2")));
  EXPECT_THAT(answer, HasSubstr("HTTP/1.1 400 "));
  EXPECT_EQ(last_sequence(), before_ + 1);
}

TEST_F(bulk_removals_test, a_dry_run_does_nothing) {
  const std::string all =
      line_of("u1") + line_of("nobody") + "{\"userId\":\"u3\",\"ifSequence\":1}\n";
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(whole(all, {}, "?dryRun=true"),
                ElementsAre(R"({"userId":"u1","status":200})", absent("nobody"),
                            HasSubstr(R"({"userId":"u3","status":412)")));
  }
  EXPECT_THAT(whole("{\"userId\":\"u2\",\"dryRun\":true}\n", {}, "?dryRun=false"),
              ElementsAre(R"({"userId":"u2","status":200})"));
  EXPECT_EQ(last_sequence(), before_);
  EXPECT_THAT(whole(line_of("u1"), {}, "?dryRun=false"), ElementsAre(done("u1", before_ + 1)));
}

TEST_F(bulk_removals_test, permission_is_of_each_line) {
  add_user("other", "elsewhere");
  add_factor("other");
  before_ = last_sequence();
  const std::string of_acme = token("clerk", {service::role::org_user_manager}, "acme");
  const std::string of_u2 = token("u2", {});
  before_ += 2;
  by_ = of_acme;
  EXPECT_THAT(whole(line_of("other") + line_of("u1")),
              ElementsAre(HasSubstr(R"({"userId":"other","status":403,"error":{"code":7,)"),
                          done("u1", before_ + 1)));
  by_ = of_u2;
  EXPECT_THAT(whole(line_of("u3") + line_of("u2")),
              ElementsAre(HasSubstr(R"("id":"AUTH-AWfge")"), done("u2", before_ + 2)));
}

TEST_F(bulk_removals_test, its_path_may_be_spelled_otherwise) {
  path_ = "/v2/%75sers/otp%5Femail/_bulk_remove";
  EXPECT_THAT(whole(line_of("u1") + line_of("u2")),
              ElementsAre(done("u1", before_ + 1), done("u2", before_ + 2)));
}

TEST_F(bulk_removals_test, what_is_refused_as_a_whole) {
  struct row {
    std::string name;
    std::string bytes;
    std::string status;
    std::string has;
  };
  const std::string text = line_of("u1");
  const std::string body = "Content-Length: " + std::to_string(text.size()) + "\r\n\r\n" + text;
  const auto without = [](std::string from, std::string_view part) {
    return from.erase(from.find(part), part.size());
  };
  const auto instead = [](std::string from, std::string_view part, std::string_view by) {
    return from.replace(from.find(part), part.size(), by);
  };
  const std::string good = head(body);
  const std::vector<row> rows = {
      {"no token", without(good, "Authorization: Bearer " + by_ + "\r\n"), "401",
       "auth header missing"},
      {"a bad token", instead(good, by_, "nonsense"), "401", "AUTH-7fs1e"},
      {"no type", without(good, ndjson), "415", "Accept-Post: application/x-ndjson"},
      {"another type", instead(good, "x-ndjson", "json"), "415", "must be application/x-ndjson"},
      {"a coding", head("Content-Encoding: gzip\r\n" + body), "415", "as they are"},
      {"a condition", head("If-Match: *\r\n" + body), "400", "If-Match is not supported"},
      {"another condition", head("If-None-Match: *\r\n" + body), "400", "not supported"},
      {"a range", head("Range: bytes=0-1\r\n" + body), "400", "Range is not supported"},
      {"a parameter", head(body, "?dry=true"), "400", "unknown query parameter"},
      {"a value", head(body, "?dryRun=1"), "400", "dryRun must be true or false"},
      {"two values", head(body, "?dryRun=true&dryRun=false"), "400", "more than once"},
      {"no key", head("Idempotency-Key: a b\r\n" + body), "400", "Idempotency-Key"},
      {"a timeout", head("Grpc-Timeout: 1\r\n" + body), "400", "grpc-timeout"},
      {"HTTP/1.0", instead(good, "HTTP/1.1", "HTTP/1.0"), "501", "HTTP/1.0"},
      {"HTTP/1.0, and it has not arrived",
       instead(head("Content-Length: 100000000\r\n\r\n"), "HTTP/1.1", "HTTP/1.0"), "501",
       "HTTP/1.0"},
      {"a verb", instead(good, "POST", "PUT"), "405", "Allow: POST"},
  };
  for (const row& one : rows) {
    use_surface(surface::api);
    const std::string answer = refused(one.bytes);
    EXPECT_THAT(answer, HasSubstr("HTTP/1.1 " + one.status + " ")) << one.name;
    EXPECT_THAT(answer, HasSubstr(one.has)) << one.name;
    EXPECT_EQ(answer.find("HTTP/1.1", 1), answer.npos) << one.name;
  }
  EXPECT_EQ(last_sequence(), before_);
}

TEST_F(bulk_removals_test, parameters_of_the_type_do_not_matter) {
  const std::string type = "Content-Type: Application/X-NDJSON; charset=utf-8\r\n";
  made_ = calls_.in_use();
  std::string bytes = head("Content-Length: 16\r\n\r\n" + line_of("u1"));
  bytes.replace(bytes.find(ndjson), ndjson.size(), type);
  feed(bytes);
  EXPECT_THAT(take(), ElementsAre(done("u1", before_ + 1)));
}

TEST_F(bulk_removals_test, one_that_is_refused_before_its_end_ends_the_connection) {
  made_ = calls_.in_use();
  feed(head("If-Match: *\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"));
  settle();
  EXPECT_THAT(sent_, HasSubstr("HTTP/1.1 400 "));
  EXPECT_THAT(sent_, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_EQ(sent_.find("100 Continue"), sent_.npos);
  EXPECT_TRUE(session_->finished());
}

TEST_F(bulk_removals_test, continue_comes_before_its_answer) {
  begin("Expect: 100-continue\r\n");
  settle();
  EXPECT_TRUE(sent_.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")) << sent_;
}

TEST_F(bulk_removals_test, what_stands_behind_it_waits_for_all_of_it) {
  made_ = calls_.in_use();
  const std::string text = line_of("u1") + line_of("u2");
  feed(head("Content-Length: " + std::to_string(text.size()) + "\r\n\r\n") + text +
       "GET /v2/users/u2/authentication_methods HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " +
       by_ + "\r\n\r\n");
  settle();
  const std::size_t second = sent_.rfind("HTTP/1.1 200 OK");
  EXPECT_GT(second, sent_.find("0\r\n\r\n"));
  EXPECT_EQ(sent_.find("OTP_EMAIL", second), sent_.npos) << "it sees what was done";
  sent_.clear();
}

}  // namespace
}  // namespace factord::protocol::bulk_removals_test
