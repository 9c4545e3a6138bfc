#include <gmock/gmock.h>

#include <chrono>

#include "tests/unit/server/protocol/session_fixture.hpp"

// What a request is called, in its answer and in the log.
namespace factord::protocol::session_log_test {
namespace {

using namespace std::chrono_literals;
using service::status_code;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view remove_u1 = "DELETE /v2/users/u1/otp_email";
constexpr std::string_view ours = "0123456789abcdef";

class session_log : public session_fixture {
 protected:
  void SetUp() override {
    add_user("u1", "org1");
    add_factor("u1");
    admin();
    keeps_log_ = true;
  }
};

TEST_F(session_log, every_answer_says_what_its_request_is_called) {
  for (const std::string_view line :
       {remove_u1, remove_u1, std::string_view("GET /livez"), std::string_view("GET /nowhere"),
        std::string_view("PUT /v2/users/u1/otp_email"), std::string_view("OPTIONS *")}) {
    EXPECT_TRUE(ask_http(line, {}, admin_, "X-Request-Id: mine-1\r\n").has("X-Request-Id: mine-1"))
        << line;
  }
  const auto made = ask_http(remove_u1, {}, admin_);
  EXPECT_THAT(made.head, HasSubstr("\r\nX-Request-Id: " + std::string(ours) + "0000000000000"));
}

TEST_F(session_log, a_name_that_is_none_is_replaced) {
  for (const std::string& sent :
       {std::string(129, 'x'), std::string("a b"), std::string("a\r\nX-Request-Id: b")}) {
    EXPECT_THAT(ask_http("GET /livez", {}, {}, "X-Request-Id: " + sent + "\r\n").head,
                HasSubstr("\r\nX-Request-Id: " + std::string(ours)));
  }
}

TEST_F(session_log, a_call_is_a_line_with_all_there_is_to_know) {
  const std::string trace = "0af7651916cd43dd8448eb211c80319c";
  now_ = from_micros(1'732'200'491'999'000);
  ask_http(remove_u1, "{}", admin_,
           "X-Request-Id: r1\r\ntraceparent: 00-" + trace +
               "-b7ad6b7169203331-01\r\ntracestate: a=1\r\n");
  ASSERT_EQ(log_lines_.size(), 1U);
  EXPECT_THAT(log_lines_[0],
              HasSubstr(R"({"ts":"2024-11-21T14:48:11.999000Z","level":"info","msg":"request",)"
                        R"("request_id":"r1","trace_id":")" +
                        trace +
                        R"(","parent_id":"b7ad6b7169203331","trace_state":"a=1",)"
                        R"("listener":"api","operation":"RemoveOTPEmail","protocol":"json",)"
                        R"("subject":")"));
  EXPECT_THAT(log_lines_[0], AllOf(HasSubstr(R"("user_id":"u1","code":"OK","bytes_in":2,)"),
                                   HasSubstr(R"(,"queue_us":)"), HasSubstr(R"(,"commit_us":)"),
                                   HasSubstr(R"(,"us":)"), HasSubstr(R"(,"sequence":5})")));
  EXPECT_THAT(log_lines_[0], Not(HasSubstr(admin_))) << "the token";
}

TEST_F(session_log, a_refusal_says_why_and_names_its_error) {
  ask_http("DELETE /v2/users/nobody/otp_email", {}, admin_);
  EXPECT_THAT(log_lines_, ElementsAre(AllOf(HasSubstr(R"("code":"NOT_FOUND","error_id":")"),
                                            HasSubstr(R"("level":"info")"))));
}

TEST_F(session_log, what_is_no_call_is_told_by_its_path_without_its_query) {
  ask_http("GET /nowhere/else?token=secret", {}, admin_);
  EXPECT_THAT(log_lines_,
              ElementsAre(AllOf(HasSubstr(R"("method":"GET","path":"/nowhere/else","status":404,)"),
                                Not(HasSubstr("secret")))));
}

TEST_F(session_log, what_was_done_for_a_connection_that_is_gone_says_so) {
  service::call done(0);
  done.op = service::operation::lock_user;
  log_.note_unheard(done);
  EXPECT_THAT(log_lines_,
              ElementsAre(AllOf(HasSubstr(R"("operation":"LockUser")"),
                                HasSubstr(R"("delivered":false})"), Not(HasSubstr("listener")))));
  log_lines_.clear();
  done.line = 1;
  log_.note_unheard(done);
  EXPECT_THAT(log_lines_, ElementsAre()) << "a bulk has one line, and that is its own";
}

TEST_F(session_log, a_text_of_a_client_cannot_end_its_line) {
  ask_http("DELETE /v2/users/a%0A%22b/otp_email", {}, admin_);
  EXPECT_THAT(log_lines_, ElementsAre(HasSubstr(R"("user_id":"a\u000a\"b")")));
}

/// The lines of one call that took 100 ms, at each level.
class access_levels : public session_fixture {
 protected:
  std::vector<std::string> at(access_level which, status_code code, std::chrono::nanoseconds took,
                              std::string_view by = "somebody") {
    std::vector<std::string> lines;
    access_log log(
        {which, 100ms}, [this] { return now_; },
        [&lines](log::level, std::string_view line) { lines.emplace_back(line); });
    service::call done(0);
    done.op = service::operation::remove_otp_email;
    done.who.user_id = by;
    done.out.code = code;
    done.asked_at = std::chrono::steady_clock::time_point{} + 1s;
    done.answered_at = done.asked_at + took;
    log.note(done, surface::api);
    return lines;
  }
};

TEST_F(access_levels, each_has_what_those_before_it_have) {
  struct row {
    access_level level;
    std::size_t fast, slow, refused, failed, busy;
  };
  constexpr auto rows = std::to_array<row>({
      {access_level::off, 0, 0, 0, 0, 0},
      {access_level::errors, 0, 0, 0, 1, 1},
      {access_level::slow, 0, 1, 0, 1, 1},
      {access_level::all, 1, 1, 1, 1, 1},
  });
  for (const row& one : rows) {
    EXPECT_EQ(at(one.level, status_code::ok, 100ms - 1ns).size(), one.fast);
    EXPECT_EQ(at(one.level, status_code::ok, 100ms).size(), one.slow);
    EXPECT_EQ(at(one.level, status_code::not_found, 1ms).size(), one.refused);
    EXPECT_EQ(at(one.level, status_code::internal, 1ms).size(), one.failed);
    EXPECT_EQ(at(one.level, status_code::unavailable, 1ms).size(), one.busy);
    EXPECT_EQ(at(one.level, status_code::resource_exhausted, 1ms).size(), one.busy);
    EXPECT_EQ(at(one.level, status_code::deadline_exceeded, 1ms).size(), one.busy);
  }
}

// They could have as many as they like: what becomes of that is counted.
TEST_F(access_levels, faults_that_strangers_meet_have_lines_with_all_alone) {
  for (const status_code code : {status_code::internal, status_code::unavailable,
                                 status_code::resource_exhausted, status_code::deadline_exceeded}) {
    EXPECT_EQ(at(access_level::errors, code, 1ms, "").size(), 0U);
    EXPECT_EQ(at(access_level::slow, code, 1ms, "").size(), 0U);
    EXPECT_EQ(at(access_level::slow, code, 100ms, "").size(), 0U);
    EXPECT_EQ(at(access_level::all, code, 1ms, "").size(), 1U);
  }
}

TEST_F(access_levels, what_is_no_call_has_lines_with_all_alone) {
  for (const access_level which : {access_level::off, access_level::errors, access_level::slow}) {
    access_log log(
        {which, 100ms}, [this] { return now_; },
        [](log::level, std::string_view line) { ADD_FAILURE() << line; });
    for (const answer_status status :
         {answer_status{200}, answer_status{404}, answer_status{503}}) {
      response out;
      out.status = status;
      log.note({}, {}, surface::api, out);
    }
  }
}

TEST_F(access_levels, what_is_not_there_is_no_fault) {
  EXPECT_EQ(at(access_level::errors, status_code::unimplemented, 1ms).size(), 0U);
}

TEST_F(access_levels, faults_are_warnings) {
  EXPECT_THAT(at(access_level::errors, status_code::internal, 1ms),
              ElementsAre(HasSubstr(R"("level":"warn")")));
}

}  // namespace
}  // namespace factord::protocol::session_log_test
