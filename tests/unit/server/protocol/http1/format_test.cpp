#include "server/protocol/http1/format.hpp"

#include <gtest/gtest.h>

namespace factord::protocol::http1::format_test {
namespace {

std::string formatted(const response& answer, answer_form form = {}) {
  std::string out;
  append_answer(out, answer, form, "now");
  return out;
}

TEST(http1_format_test, head_has_the_length_and_no_body) {
  response answer;
  answer.body = "hello";
  const std::string out = formatted(answer, {.head = true});
  EXPECT_NE(out.find("Content-Length: 5\r\n"), out.npos);
  EXPECT_TRUE(out.ends_with("\r\n\r\n"));
}

TEST(http1_format_test, an_empty_answer_has_a_length_and_no_type) {
  const std::string out = formatted({});
  EXPECT_NE(out.find("Content-Length: 0\r\n"), out.npos);
  EXPECT_EQ(out.find("\r\nContent-Type"), out.npos);
}

TEST(http1_format_test, no_content_has_neither_length_nor_body) {
  for (const answer_status status : {answer_status(204), answer_status(304)}) {
    response answer;
    answer.status = status;
    answer.body = "hello";
    const std::string out = formatted(answer);
    EXPECT_EQ(out.find("Content-Length"), out.npos);
    EXPECT_TRUE(out.ends_with("\r\n\r\n"));
  }
}

TEST(http1_format_test, extra_headers) {
  response answer;
  answer.status = 401;
  answer.headers.push_back({"WWW-Authenticate", "Bearer"});
  const std::string out = formatted(answer);
  EXPECT_TRUE(out.starts_with("HTTP/1.1 401 Unauthorized\r\n"));
  EXPECT_NE(out.find("\r\nWWW-Authenticate: Bearer\r\n"), out.npos);
}

TEST(http1_format_test, the_status_line_has_its_phrase) {
  response answer;
  answer.status = 505;
  EXPECT_TRUE(formatted(answer).starts_with("HTTP/1.1 505 HTTP Version Not Supported\r\n"));
}

TEST(http1_format_test, a_value_that_ends_its_line_is_a_broken_invariant) {
  for (const std::string& value :
       {std::string("a\rb"), std::string("a\nb"), std::string("a\0b", 3)}) {
    response answer;
    answer.headers.push_back({"Allow", value});
    EXPECT_DEATH((void)formatted(answer), "may_be");
  }
}

}  // namespace
}  // namespace factord::protocol::http1::format_test
