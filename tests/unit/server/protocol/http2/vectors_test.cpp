#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/unit/server/protocol/http2/driver.hpp"

namespace factord::protocol::testing::http2_vectors_test {
namespace {

// One conversation: what a client sends without waiting for anything, and how it is answered.
struct http2_vector {
  std::string name;
  std::string bytes;
  std::vector<std::string> bodies;  ///< of the streams 1, 3, 5, ... as the driver answers them
  std::uint32_t goaway = NGHTTP2_NO_ERROR;
};

std::string post(http2_client& client, const std::string& path, const std::string& body,
                 const field_list& fields = {}) {
  client.request("POST", path, body, fields);
  return client.output();
}

// What ends the connection, and what looks as if it did.
void add_faults(std::vector<http2_vector>& all) {
  const auto add = [&all](std::string name, std::vector<std::string> bodies, auto fill) {
    http2_client client;
    all.push_back({std::move(name), fill(client), std::move(bodies)});
  };
  add("an error", {}, [](http2_client& client) {
    return client.output() + http2_frame(NGHTTP2_PING, 0, 0, "short");
  });
  all.back().goaway = NGHTTP2_FRAME_SIZE_ERROR;
  const std::string priority(5, '\0');
  add("a priority of stream 0 after a request", {}, [&](http2_client& client) {
    return post(client, "/a", "") + http2_frame(NGHTTP2_PRIORITY, 0, 0, priority) +
           post(client, "/b", "");
  });
  all.back().goaway = NGHTTP2_PROTOCOL_ERROR;
  add("a priority of stream 0 with its reserved bit", {}, [&](http2_client& client) {
    return client.output() + http2_frame(NGHTTP2_PRIORITY, 0xFF, 1U << 31U, priority);
  });
  all.back().goaway = NGHTTP2_PROTOCOL_ERROR;
  add("priorities of streams", {"/a"}, [&](http2_client& client) {
    std::string bytes = client.output();
    for (const unsigned id : {1U, 255U, 256U, 65'536U, 1U << 24U})
      bytes += http2_frame(NGHTTP2_PRIORITY, 0, id, priority);
    return bytes + post(client, "/a", "");
  });
}

std::vector<http2_vector> make_vectors() {
  std::vector<http2_vector> all;
  const auto add = [&all](std::string name, std::vector<std::string> bodies, auto fill) {
    http2_client client;
    all.push_back({std::move(name), fill(client), std::move(bodies)});
  };
  add("one without a body", {"/a"}, [](http2_client& client) {
    client.request("GET", "/a");
    return client.output();
  });
  add("one with a body", {"/abody"},
      [](http2_client& client) { return post(client, "/a", "body"); });
  add("three at once", {"/1", "/2x", "/3"}, [](http2_client& client) {
    client.request("GET", "/1");
    client.request("POST", "/2", "x");
    client.request("GET", "/3");
    return client.output();
  });
  add("one after the other, fields from the dynamic table", {"/1", "/1", "/1"},
      [](http2_client& client) {
        std::string bytes;
        for (int i = 0; i < 3; ++i)
          bytes += post(client, "/1", "", {{"authorization", "Bearer abc"}, {"x-other", "y"}});
        return bytes;
      });
  add("a ping between", {"/a", "/b"}, [](http2_client& client) {
    std::string bytes = post(client, "/a", "");
    client.ping();
    bytes += client.output();
    return bytes + post(client, "/b", "");
  });
  add("unknown frames are ignored", {"/a"}, [](http2_client& client) {
    client.ping();
    std::string bytes = client.output() + http2_frame(0xEE, 0x55, 0, "whatever");
    return bytes + post(client, "/a", "") + http2_frame(0xEF, 0, 77, "");
  });
  add("a padded body", {"/abody"}, [](http2_client& client) {
    client.request("POST", "/a", "", {}, true);
    return client.output() + http2_frame(NGHTTP2_DATA,
                                         NGHTTP2_FLAG_PADDED | NGHTTP2_FLAG_END_STREAM, 1,
                                         std::string("\x03") + "body" + std::string(3, '\0'));
  });
  add("a header in several frames", {"/long"}, [](http2_client& client) {
    const std::string head = client.output();
    const std::string block = std::string("\x82\x86\x04\x05") + "/long" + "\x01\x01h";
    return head + http2_frame(NGHTTP2_HEADERS, NGHTTP2_FLAG_END_STREAM, 1, block.substr(0, 3)) +
           http2_frame(NGHTTP2_CONTINUATION, 0, 1, block.substr(3, 4)) +
           http2_frame(NGHTTP2_CONTINUATION, NGHTTP2_FLAG_END_HEADERS, 1, block.substr(7));
  });
  add("a stream that is reset", {"", "/b"}, [](http2_client& client) {
    const auto id = client.request("POST", "/a", "x", {}, true);
    std::string bytes = client.output();
    client.reset(id);
    bytes += client.output();
    return bytes + post(client, "/b", "");
  });
  add_faults(all);
  return all;
}

const std::vector<http2_vector>& vectors() {
  static const std::vector<http2_vector> all = make_vectors();
  return all;
}

void expect_answers(const http2_vector& vector, const std::vector<std::string>& parts) {
  http2_driver driver;
  for (const std::string& part : parts) driver.feed(part);
  // A client in the same state reads what came.
  http2_client reader;
  for (std::size_t i = 0; i < vector.bodies.size(); ++i) reader.request("GET", "/");
  (void)reader.output();
  reader.feed(driver.take_sent());
  EXPECT_FALSE(reader.error);
  for (std::size_t i = 0; i < vector.bodies.size(); ++i) {
    const http2_answer& got = reader.answer(static_cast<std::int32_t>(2 * i + 1));
    EXPECT_EQ(got.body, vector.bodies[i]);
    EXPECT_EQ(got.status(), vector.bodies[i].empty() ? "" : "200");
  }
  const bool fails = vector.goaway != NGHTTP2_NO_ERROR;
  ASSERT_EQ(reader.goaways.size(), fails ? 1U : 0U);
  for (const auto& last : reader.goaways) EXPECT_EQ(last.code, vector.goaway);
  EXPECT_EQ(driver.codec().finished(), fails);
  EXPECT_TRUE(driver.codec().idle());
}

class http2_vectors_test : public ::testing::TestWithParam<std::size_t> {};

TEST_P(http2_vectors_test, whole) {
  const http2_vector& vector = vectors()[GetParam()];
  SCOPED_TRACE(vector.name);
  expect_answers(vector, {vector.bytes});
}

TEST_P(http2_vectors_test, byte_by_byte) {
  const http2_vector& vector = vectors()[GetParam()];
  SCOPED_TRACE(vector.name);
  std::vector<std::string> bytes;
  for (const char c : vector.bytes) bytes.emplace_back(1, c);
  expect_answers(vector, bytes);
}

TEST_P(http2_vectors_test, at_every_split) {
  const http2_vector& vector = vectors()[GetParam()];
  SCOPED_TRACE(vector.name);
  for (std::size_t cut = 1; cut < vector.bytes.size() && !HasFailure(); ++cut)
    expect_answers(vector, {vector.bytes.substr(0, cut), vector.bytes.substr(cut)});
}

INSTANTIATE_TEST_SUITE_P(all, http2_vectors_test,
                         ::testing::Range<std::size_t>(0, vectors().size()), [](const auto& one) {
                           std::string name = vectors()[one.param].name;
                           for (char& c : name) {
                             if (c == ' ' || c == ',') c = '_';
                           }
                           return name;
                         });

}  // namespace
}  // namespace factord::protocol::testing::http2_vectors_test
