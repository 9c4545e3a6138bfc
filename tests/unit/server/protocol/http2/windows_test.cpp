// What a client may send at a time: never less than a body may have, so that nothing that is within
// its limits can get stuck.

#include <gtest/gtest.h>

#include "tests/unit/server/protocol/http2/driver.hpp"

namespace factord::protocol::testing::windows_test {
namespace {

// Takes requests by parts as reflection does: messages of a size that is told, whole.
class message_reader {
 public:
  message_reader() : codec_(bounds_, date_, [](std::string_view) { return true; }) {}

  void talk(http2_client& client, std::size_t message) {
    for (bool busy = true; busy;) {
      const std::string bytes = client.output();
      ASSERT_EQ(codec_.receive(bytes), bytes.size());
      while (request* got = codec_.next()) {
        refused_ = got->refused.status;
        if (got->body.size() < message) continue;
        got->body.erase(0, message);
        ++taken_;
      }
      codec_.fill_output();
      client.feed(codec_.output());
      busy = !bytes.empty() || !codec_.output().empty();
      codec_.output().clear();
    }
  }

  limits bounds_;
  const date_clock date_{timestamp{}};
  http2_codec codec_;
  std::size_t taken_ = 0;
  unsigned refused_ = 0;
};

// By WINDOW_UPDATE frames of stream 1.
std::size_t opened(std::string_view frames) {
  const auto number = [&frames](std::size_t at, std::size_t size) {
    std::size_t value = 0;
    for (std::size_t i = at; i < at + size; ++i)
      value = value << 8U | static_cast<unsigned char>(frames[i]);
    return value;
  };
  std::size_t sum = 0;
  while (!frames.empty()) {
    if (number(3, 1) == NGHTTP2_WINDOW_UPDATE && number(5, 4) == 1) sum += number(9, 4);
    frames.remove_prefix(9 + number(0, 3));
  }
  return sum;
}

TEST(http2_windows_test, a_message_larger_than_the_rest_of_the_window_arrives) {
  for (const std::size_t first : {1U, 30'000U, 32'767U, 32'768U, 65'000U}) {
    message_reader reader;
    http2_client client;
    const auto id = client.request("POST", "/", std::string(first, 'a'), {}, true);
    reader.talk(client, first);
    EXPECT_EQ(reader.taken_, 1U) << first;
    for (std::size_t messages = 2; messages <= 5; ++messages) {
      client.send(id, std::string(40'000, 'b'), false);
      reader.talk(client, 40'000);
      EXPECT_EQ(reader.taken_, messages) << first;
    }
    EXPECT_EQ(reader.refused_, 0U);
  }
}

// A message with its envelope fits, and whoever has sent so much has to wait; nobody is refused.
TEST(http2_windows_test, what_is_not_taken_stays_within_the_window) {
  message_reader reader;
  http2_client client;
  const std::size_t window = limits{}.body_bytes + 5;
  client.request("POST", "/", std::string(1'000'000, 'a'), {}, true);
  reader.talk(client, window + 1);
  EXPECT_EQ(reader.taken_ + reader.refused_, 0U);
  EXPECT_LE(reader.codec_.held_bytes(), 200'000U);
  http2_client other;
  message_reader with_room;
  other.request("POST", "/", std::string(5 * window, 'a'), {}, true);
  with_room.talk(other, window);
  EXPECT_EQ(with_room.taken_, 5U);
}

// Padding uses a window up as a body does (RFC 9113, section 6.9.1).
TEST(http2_windows_test, a_padded_body_of_any_shape_arrives) {
  for (const std::string path : {"/", "/stream"}) {
    http2_driver driver({}, false);
    http2_client client;
    client.request("POST", path, "", {}, true);
    driver.talk(client);
    (void)driver.take_sent();
    // As much padding as body; together nearly twice the window.
    const std::string piece = std::string("\xFF") + std::string(256, 'b') + std::string(255, '\0');
    std::size_t window = limits{}.body_bytes + 5;
    for (int sent = 0; sent < 250; ++sent) {
      ASSERT_GE(window, piece.size()) << path << " stuck after " << sent;
      window -= piece.size();
      driver.feed(http2_frame(NGHTTP2_DATA, NGHTTP2_FLAG_PADDED, 1, piece));
      window += opened(driver.take_sent());
    }
  }
}

}  // namespace
}  // namespace factord::protocol::testing::windows_test
