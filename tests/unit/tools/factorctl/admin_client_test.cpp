#include "tools/factorctl/admin_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/object.hpp>
#include <filesystem>
#include <string>
#include <thread>

#include "tests/unit/support/temp_directory.hpp"

namespace factord::ctl::admin_client_test {
namespace {

namespace asio = boost::asio;
using asio::local::stream_protocol;
using ::testing::HasSubstr;

// Answers one request on DIR/admin.sock with fixed bytes, and keeps what it was asked.
class one_answer {
 public:
  // Bound by a short name, so that DIR may be longer than an address.
  one_answer(const temp_directory& home, const std::filesystem::path& dir, std::string answer)
      : acceptor_(context_, stream_protocol::endpoint{(home.path() / "s").string()}),
        answer_(std::move(answer)) {
    std::filesystem::rename(home.path() / "s", dir / "admin.sock");
    thread_ = std::thread{[this] { serve(); }};
  }
  ~one_answer() {
    if (thread_.joinable()) thread_.join();
  }
  one_answer(const one_answer&) = delete;
  one_answer& operator=(const one_answer&) = delete;

  // What came in, once it was answered.
  const std::string& request() {
    if (thread_.joinable()) thread_.join();
    return request_;
  }

 private:
  void serve() {
    auto peer = acceptor_.accept();
    asio::read_until(peer, asio::dynamic_buffer(request_), "\r\n\r\n");
    asio::write(peer, asio::buffer(answer_));
  }

  asio::io_context context_;
  stream_protocol::acceptor acceptor_;
  std::string answer_;
  std::string request_;
  std::thread thread_;
};

std::string http(const std::string& status, const std::string& body) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

TEST(admin_client, says_that_no_server_runs) {
  const temp_directory home;
  const auto answer = ask_server(home.path(), "GET", "/admin/v1/stats");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::unavailable);
  EXPECT_THAT(answer.error().message,
              HasSubstr("the server is not running on " + home.path().string()));
}

TEST(admin_client, says_so_for_a_missing_directory_with_a_long_path) {
  const auto answer = ask_server(std::filesystem::path{"/tmp"} / std::string(150, 'x'), "GET", "/");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::unavailable);
  EXPECT_THAT(answer.error().message, HasSubstr("there is no directory /tmp/xxx"));
}

TEST(admin_client, sends_a_body_and_reads_the_answer) {
  const temp_directory home;
  one_answer server{home, home.path(), http("201 Created", R"({"token":"secret"})")};
  const auto answer = accepted(
      ask_server(home.path(), "POST", "/admin/v1/tokens", boost::json::object{{"userId", "u"}}));
  ASSERT_TRUE(answer);
  EXPECT_EQ(member(*answer, "token"), "secret");
  EXPECT_EQ(member(*answer, "other"), "");
  EXPECT_THAT(server.request(), ::testing::StartsWith("POST /admin/v1/tokens HTTP/1.1\r\n"));
  EXPECT_THAT(server.request(), HasSubstr("\r\nHost: localhost\r\n"));
}

TEST(admin_client, reaches_a_directory_with_a_long_path) {
  const temp_directory home;
  const auto dir = home.path() / std::string(100, 'x') / std::string(100, 'y');
  std::filesystem::create_directories(dir);
  const one_answer server{home, dir, http("200 OK", "{}")};
  EXPECT_TRUE(accepted(ask_server(dir, "GET", "/admin/v1/stats")));
}

TEST(admin_client, hands_on_what_the_server_says_against_it) {
  const temp_directory home;
  const one_answer server{home, home.path(),
                          http("400 Bad Request", R"({"code":3,"message":"no such role"})")};
  const auto answer = accepted(ask_server(home.path(), "GET", "/"));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::bad_argument);
  EXPECT_EQ(answer.error().message, "no such role");
}

TEST(admin_client, hands_on_the_lines_of_an_answer_that_broke_off) {
  const temp_directory home;
  const std::string none;
  const std::string text = "x";
  for (const bool whole : {true, false}) {
    std::string sent = http("200 OK", "{\"userId\":\"a\"}\n{\"userId\":");
    if (!whole) sent.resize(sent.size() - 3);
    one_answer server{home, home.path(), sent};
    const auto answer = send_lines(home.path(), {text, text, none, none});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 200U);
    EXPECT_THAT(answer->text, ::testing::StartsWith("{\"userId\":\"a\"}\n{\"use"));
    EXPECT_EQ(answer->cut.has_value(), !whole);
    if (answer->cut) {
      EXPECT_THAT(answer->cut->message, HasSubstr("reading from the server"));
    }
    std::filesystem::remove(home.path() / "admin.sock");
  }
}

struct bad_answer {
  const char* bytes;
  const char* message;
};

TEST(admin_client, fails_clearly_on_a_bad_answer) {
  const bad_answer cases[] = {
      {"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
       "the server answered HTTP 503"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\noops", "the server's answer is not JSON"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n{}", "reading from the server"},
      {"", "reading from the server"},
  };
  for (const bad_answer& each : cases) {
    const temp_directory home;
    const one_answer server{home, home.path(), each.bytes};
    const auto answer = accepted(ask_server(home.path(), "GET", "/"));
    ASSERT_FALSE(answer) << each.bytes;
    EXPECT_EQ(answer.error().code, errc::io_error);
    EXPECT_THAT(answer.error().message, HasSubstr(each.message));
  }
}

TEST(percent_encoded, keeps_only_what_is_safe_everywhere) {
  EXPECT_EQ(percent_encoded("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encoded("a/b?c&d e%"), "a%2Fb%3Fc%26d%20e%25");
}

}  // namespace
}  // namespace factord::ctl::admin_client_test
