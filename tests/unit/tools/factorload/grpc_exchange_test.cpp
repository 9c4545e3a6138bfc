#include "tools/factorload/grpc_exchange.hpp"

#include <gtest/gtest.h>
#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <map>
#include <string>

namespace factord::load::grpc_exchange_test {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

const exchange::time_point t0{1h};

// The other end of the connection: keeps what was asked, answers as told.
class stub_server {
 public:
  struct question {
    std::map<std::string, std::string> head;
    std::string body;
  };

  stub_server() {
    nghttp2_session_callbacks* all = nullptr;
    nghttp2_session_callbacks_new(&all);
    nghttp2_session_callbacks_set_on_header_callback(all, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(all, on_data);
    nghttp2_session_server_new(&session_, all, this);
    nghttp2_session_callbacks_del(all);
    nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, nullptr, 0);
  }
  ~stub_server() { nghttp2_session_del(session_); }
  stub_server(const stub_server&) = delete;
  stub_server& operator=(const stub_server&) = delete;

  void take(std::string_view bytes) {
    ASSERT_EQ(nghttp2_session_mem_recv(
                  session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()),
              static_cast<ssize_t>(bytes.size()));
  }

  // An answer that is all header, as gRPC's are where there is no message.
  void answer(std::int32_t stream, const std::string& http, const std::string& grpc) {
    std::vector<nghttp2_nv> head{field(":status", http)};
    if (!grpc.empty()) head.push_back(field("grpc-status", grpc));
    nghttp2_submit_response(session_, stream, head.data(), head.size(), nullptr);
  }
  void reset(std::int32_t stream) {
    nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, stream, NGHTTP2_INTERNAL_ERROR);
  }
  void go_away() { nghttp2_session_terminate_session(session_, NGHTTP2_NO_ERROR); }

  std::string output() {
    std::string out;
    const std::uint8_t* bytes = nullptr;
    for (ssize_t size = 0; (size = nghttp2_session_mem_send(session_, &bytes)) > 0;) {
      out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
    }
    return out;
  }

  std::map<std::int32_t, question> asked;

 private:
  // Of text that outlives the submission: nghttp2 copies it only then.
  static nghttp2_nv field(std::string_view name, std::string_view value) {
    const auto bytes = [](std::string_view text) {
      return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
    };
    return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
  }
  static int on_header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                       std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                       std::uint8_t, void* self) {
    auto& head = static_cast<stub_server*>(self)->asked[frame->hd.stream_id].head;
    head[std::string(name, name + name_size)] = std::string(value, value + value_size);
    return 0;
  }
  static int on_data(nghttp2_session*, std::uint8_t, std::int32_t stream, const std::uint8_t* data,
                     std::size_t size, void* self) {
    static_cast<stub_server*>(self)->asked[stream].body.append(data, data + size);
    return 0;
  }

  nghttp2_session* session_ = nullptr;
};

class grpc_exchange_test : public ::testing::Test {
 protected:
  void send() {
    const std::string bytes(talk_.output());
    talk_.sent(bytes.size());
    server_.take(bytes);
  }

  exchange::state feed(std::string_view bytes, exchange::time_point now = t0) {
    const auto space = talk_.input_space();
    EXPECT_GE(space.size(), bytes.size());
    std::copy(bytes.begin(), bytes.end(), space.begin());
    return talk_.received(bytes.size(), now, counts_);
  }

  grpc_format format_{"http", "h:1", "Bearer t", *id_range::make("007", 5)};
  grpc_exchange talk_{format_, 3};
  stub_server server_;
  tally counts_;
};

TEST_F(grpc_exchange_test, asks_as_grpc_does) {
  talk_.ask({operation::remove, 4}, t0);
  talk_.ask({operation::add, 0}, t0);
  send();
  ASSERT_EQ(server_.asked.size(), 2U);
  const auto& [head, body] = server_.asked[1];
  EXPECT_EQ(body, "\0\0\0\0\5\x0A\3"s + "011");
  EXPECT_EQ(head, (std::map<std::string, std::string>{
                      {":method", "POST"},
                      {":scheme", "http"},
                      {":authority", "h:1"},
                      {":path", "/zitadel.user.v2.UserService/RemoveOTPEmail"},
                      {"authorization", "Bearer t"},
                      {"content-type", "application/grpc"},
                      {"te", "trailers"}}));
  EXPECT_EQ(server_.asked[3].head[":path"], "/zitadel.user.v2.UserService/AddOTPEmail");
  EXPECT_EQ(server_.asked[3].body, "\0\0\0\0\5\x0A\3"s + "007");
}

TEST_F(grpc_exchange_test, takes_answers_in_any_order) {
  for (int i = 0; i < 3; ++i) talk_.ask({operation::remove, 0}, t0 + 1ms * i);
  EXPECT_FALSE(talk_.has_room());
  send();
  server_.answer(5, "200", "0");
  server_.answer(1, "200", "5");
  EXPECT_EQ(feed(server_.output(), t0 + 10ms), exchange::state::open);
  EXPECT_EQ(talk_.under_way(), 1U);
  EXPECT_TRUE(talk_.has_room());
  EXPECT_EQ(counts_.by_status[200], 1U);
  EXPECT_EQ(counts_.by_status[404], 1U);
  EXPECT_EQ(counts_.succeeded[0], 1U);
  EXPECT_EQ(counts_.latency[0].percentile(0), 8ms);
  EXPECT_EQ(counts_.latency[0].percentile(1), 10ms);
}

TEST_F(grpc_exchange_test, joins_answers_at_every_split) {
  std::uint64_t answers = 0;
  for (std::size_t split = 1;; ++split) {
    talk_.ask({operation::remove, 0}, t0);
    send();
    server_.answer(server_.asked.rbegin()->first, "200", "0");
    const std::string bytes = server_.output();
    if (split >= bytes.size()) break;
    ASSERT_EQ(feed(bytes.substr(0, split)), exchange::state::open);
    ASSERT_EQ(feed(bytes.substr(split)), exchange::state::open);
    EXPECT_EQ(counts_.answers, ++answers);
  }
  EXPECT_GT(answers, 5U);
}

TEST_F(grpc_exchange_test, an_http_status_counts_where_there_is_none_of_grpc) {
  talk_.ask({operation::remove, 0}, t0);
  send();
  server_.answer(1, "503", "");
  EXPECT_EQ(feed(server_.output()), exchange::state::open);
  EXPECT_EQ(counts_.by_status[503], 1U);
}

TEST_F(grpc_exchange_test, refuses_what_is_no_answer) {
  EXPECT_EQ(feed("HTTP/1.1 200 OK\r\n\r\n"), exchange::state::malformed);
  for (const std::string grpc : {"", "17", "x"}) {
    talk_.reset();
    stub_server server;
    talk_.ask({operation::remove, 0}, t0);
    server.take(talk_.output());
    server.answer(1, "200", grpc);
    EXPECT_EQ(feed(server.output()), exchange::state::malformed) << grpc;
  }
  EXPECT_EQ(counts_.answers, 0U);
}

TEST_F(grpc_exchange_test, a_reset_stream_is_no_answer) {
  talk_.ask({operation::remove, 0}, t0);
  send();
  server_.reset(1);
  EXPECT_EQ(feed(server_.output()), exchange::state::malformed);
}

TEST_F(grpc_exchange_test, a_server_that_goes_away_gets_nothing_more) {
  talk_.ask({operation::remove, 0}, t0);
  send();
  server_.answer(1, "200", "0");
  const std::string answer = server_.output();
  server_.go_away();
  EXPECT_EQ(feed(answer), exchange::state::open);
  EXPECT_EQ(feed(server_.output()), exchange::state::closing);
  EXPECT_FALSE(talk_.has_room());
}

TEST_F(grpc_exchange_test, forgets_all_for_a_new_connection) {
  talk_.ask({operation::remove, 0}, t0);
  talk_.reset();
  EXPECT_EQ(talk_.under_way(), 0U);
  EXPECT_EQ(talk_.output(), "");
  talk_.ask({operation::remove, 0}, t0);
  stub_server fresh;
  fresh.take(talk_.output());
  EXPECT_EQ(fresh.asked.size(), 1U);
}

}  // namespace
}  // namespace factord::load::grpc_exchange_test
