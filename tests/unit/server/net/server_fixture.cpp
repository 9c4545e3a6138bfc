#include "tests/unit/server/net/server_fixture.hpp"

#include <fcntl.h>
#include <stdlib.h>

#include <array>

#include "storage/base/check.hpp"

namespace factord::net::testing {

std::string removal(const std::string& token) {
  return "DELETE /v2/users/1/otp_email HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + token +
         "\r\n\r\n";
}

std::string creation(const std::string& token, int number) {
  const std::string email = "user" + std::to_string(number) + "@example.com";
  const std::string body = R"({"profile":{"givenName":"A","familyName":"B"},"email":{"email":")" +
                           email + R"("},"organization":{"orgId":"o"}})";
  return "POST /v2/users/human HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + token +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

server_fixture::server_fixture() : engine_("test-store") {
  engine_.walk_apart();
  directory_fd_ = unique_fd(::open(directory_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

server_fixture::~server_fixture() {
  if (thread_.joinable()) (void)stop();
}

void server_fixture::start(const limits& bounds, std::size_t threads, protocol::shared_tls tls) {
  runtime_options options;
  options.bounds = bounds;
  options.admin_directory_fd = directory_fd_.get();
  options.threads = threads;
  options.tls = std::move(tls);
  std::promise<std::uint16_t> announced;
  options.announce = [&announced](const listen_address& where) { announced.set_value(where.port); };
  server_ = std::make_unique<runtime>(engine_, std::move(options));
  const std::array anywhere{parse_listen_address("127.0.0.1:0").value()};
  server_->listen(listening_sockets::open(anywhere, {}).value()).value();

  std::promise<run_end> ended;
  end_ = ended.get_future();
  thread_ = std::thread(
      [this, promise = std::move(ended)]() mutable { promise.set_value(server_->run()); });
  port_ = announced.get_future().get();
}

run_end server_fixture::stop() {
  server_->request_stop();
  return wait();
}

run_end server_fixture::wait() {
  thread_.join();
  return end_.get();
}

std::string server_fixture::create_token() {
  client admin = connect_admin();
  const std::string body = R"({"userId":"admin","roles":["IAM_OWNER"]})";
  admin.send("POST /admin/v1/tokens HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: " +
             std::to_string(body.size()) + "\r\n\r\n" + body);
  const std::string answer = admin.receive_all();
  const std::string key = "\"token\":\"";
  const auto begin = answer.find(key);
  EXPECT_NE(begin, answer.npos) << answer;
  if (begin == answer.npos) return {};
  const auto end = answer.find('"', begin + key.size());
  return answer.substr(begin + key.size(), end - begin - key.size());
}

}  // namespace factord::net::testing
