// grpc.health.v1.Health/Watch: a stream of statuses that lasts until one of the two sides ends it.

#include <gtest/gtest.h>

#include "server/protocol/proto/grpc/health/v1/health.pb.h"
#include "tests/unit/server/protocol/http2/client.hpp"
#include "tests/unit/server/protocol/rpc/client.hpp"
#include "tests/unit/server/protocol/session_fixture.hpp"

namespace factord::protocol::watch_test {
namespace {

using namespace std::chrono_literals;
using testing::field_list;
using testing::http2_client;
using status = grpc::health::v1::HealthCheckResponse;

constexpr std::string_view watch_path = "/grpc.health.v1.Health/Watch";

class rpc_watch : public session_fixture {
 protected:
  void talk() { talk(client_); }
  void talk(http2_client& with) {
    for (bool busy = true; busy;) {
      const std::string bytes = with.output();
      feed(bytes);
      session_->fill_output();
      const std::string answer = std::exchange(session_->output(), {});
      with.feed(answer);
      busy = !bytes.empty() || !answer.empty();
    }
  }

  static std::string asked(std::string_view service, rpc_form form) {
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(std::string(service));
    return request_body(form, request);
  }

  std::int32_t watch(std::string_view service = {}, rpc_form form = rpc_form::grpc,
                     field_list more = {}) {
    more.emplace_back("content-type", traits(form).content_type);
    const auto id = client_.request("POST", std::string(watch_path), asked(service, form), more);
    talk();
    return id;
  }

  // The statuses so far, and the payload of a last envelope that is no message.
  std::vector<int> statuses(std::int32_t id, rpc_form form = rpc_form::grpc) {
    std::string body = client_.answer(id).body;
    if (traits(form).text) body = decoded_pieces(body);
    std::vector<int> found;
    std::string_view rest = body;
    while (const auto one = take_envelope(rest)) {
      status answer;
      if (one->flags != 0) {
        end_ = one->payload;
      } else if (traits(form).json) {
        found.push_back(one->payload.find("NOT_SERVING") == one->payload.npos
                            ? status::SERVING
                            : status::NOT_SERVING);
      } else {
        EXPECT_TRUE(
            answer.ParseFromArray(one->payload.data(), static_cast<int>(one->payload.size())));
        found.push_back(answer.status());
      }
    }
    EXPECT_TRUE(rest.empty());
    return found;
  }

  // Base64 that was padded part by part.
  static std::string decoded_pieces(std::string_view text) {
    std::string all;
    for (; !text.empty(); text.remove_prefix(4)) {
      std::string bytes;
      EXPECT_TRUE(decode_base64(text.substr(0, 4), bytes));
      all += bytes;
    }
    return all;
  }

  std::string ended_with(std::int32_t id) {
    const auto& seen = client_.answer(id);
    const auto& fields = seen.trailers.empty() ? seen.header : seen.trailers;
    for (const auto& [name, value] : fields) {
      if (name == "grpc-status") return value;
    }
    return seen.ended ? "ended" : "open";
  }

  void pass(std::chrono::milliseconds time) {
    steady_now_ += time;
    session_->sweep(steady_now_, true);
    talk();
  }

  http2_client client_;
  std::string end_;
};

using statuses_seen = std::vector<int>;

TEST_F(rpc_watch, says_the_status_of_now_and_each_change_once) {
  const auto id = watch();
  EXPECT_EQ(statuses(id), statuses_seen{status::SERVING});
  pass(1s);
  pass(1s);
  EXPECT_EQ(statuses(id), statuses_seen{status::SERVING});
  state_.advance(readiness::draining);
  pass(1s);
  pass(1s);
  EXPECT_EQ(statuses(id), (statuses_seen{status::SERVING, status::NOT_SERVING}));
  state_.advance(readiness::storage_failed);
  pass(1s);
  EXPECT_EQ(statuses(id), (statuses_seen{status::SERVING, status::NOT_SERVING}));
  EXPECT_EQ(ended_with(id), "open");
}

TEST_F(rpc_watch, in_every_form) {
  for (const rpc_form form :
       {rpc_form::grpc, rpc_form::grpc_proto, rpc_form::grpc_web, rpc_form::grpc_web_text,
        rpc_form::connect_stream_json, rpc_form::connect_stream_proto}) {
    SCOPED_TRACE(traits(form).content_type);
    use_surface(surface::api);
    http2_client fresh;
    const auto id = fresh.request("POST", std::string(watch_path), asked("", form),
                                  {{"content-type", std::string(traits(form).content_type)}});
    talk(fresh);
    EXPECT_EQ(fresh.answer(id).value("content-type"), traits(form).content_type);
    EXPECT_FALSE(fresh.answer(id).ended);
    session_->drain();
    talk(fresh);
    EXPECT_TRUE(fresh.answer(id).ended);
    EXPECT_TRUE(session_->finished());
  }
}

TEST_F(rpc_watch, a_service_may_be_named) {
  EXPECT_EQ(statuses(watch("zitadel.user.v2.UserService")), statuses_seen{status::SERVING});
  EXPECT_EQ(statuses(watch("grpc.health.v1.Health")), statuses_seen{status::SERVING});
}

TEST_F(rpc_watch, of_an_unknown_service_it_says_so_and_goes_on) {
  const auto id = watch("no.such.Service");
  EXPECT_EQ(statuses(id), statuses_seen{status::SERVICE_UNKNOWN});
  EXPECT_EQ(ended_with(id), "open");
  state_.advance(readiness::draining);
  pass(1s);
  EXPECT_EQ(statuses(id), statuses_seen{status::SERVICE_UNKNOWN});
}

TEST_F(rpc_watch, a_drain_is_not_held_up) {
  const auto id = watch();
  const auto web = watch("", rpc_form::grpc_web_text);
  const auto connect = watch("", rpc_form::connect_stream_json);
  state_.advance(readiness::draining);
  session_->drain();
  talk();
  const statuses_seen both{status::SERVING, status::NOT_SERVING};
  EXPECT_EQ(statuses(id), both);
  EXPECT_EQ(ended_with(id), "14");
  EXPECT_EQ(statuses(web, rpc_form::grpc_web_text), both);
  EXPECT_NE(end_.find("grpc-status: 14\r\n"), end_.npos);
  EXPECT_EQ(statuses(connect, rpc_form::connect_stream_json), both);
  EXPECT_NE(end_.find(R"("code":"unavailable")"), end_.npos);
  EXPECT_TRUE(session_->finished());
}

TEST_F(rpc_watch, one_that_crosses_the_drain_is_told_and_ended) {
  talk();
  client_.request("POST", std::string(watch_path), asked("", rpc_form::grpc),
                  {{"content-type", "application/grpc"}});
  const std::string on_its_way = client_.output();
  state_.advance(readiness::draining);
  session_->drain();
  feed(on_its_way);
  talk();
  EXPECT_EQ(statuses(1), statuses_seen{status::NOT_SERVING});
  EXPECT_EQ(ended_with(1), "14");
  EXPECT_TRUE(session_->finished());
}

TEST_F(rpc_watch, the_end_of_input_ends_it) {
  const auto id = watch();
  session_->end_of_input();
  talk();
  EXPECT_EQ(ended_with(id), "14");
  EXPECT_TRUE(session_->finished());
}

TEST_F(rpc_watch, it_keeps_no_connection_from_being_idle) {
  EXPECT_TRUE(session_->idle());
  watch();
  EXPECT_TRUE(session_->idle());
  client_.request("POST", "/livez", "", {}, true);
  talk();
  EXPECT_FALSE(session_->idle());
}

TEST_F(rpc_watch, it_is_a_stream_among_the_others) {
  bounds_.http2_streams = 2;
  use_surface(surface::api);
  talk();
  const auto first = watch();
  watch();
  const auto waiting = client_.request("GET", "/healthz");
  talk();
  EXPECT_EQ(client_.answer(waiting).status(), "");
  client_.reset(first);
  talk();
  EXPECT_EQ(client_.answer(waiting).status(), "200");
}

TEST_F(rpc_watch, those_that_were_reset_are_forgotten) {
  bounds_.http2_streams = 4;
  use_surface(surface::api);
  talk();
  watch();
  std::size_t most = 0;
  for (int i = 0; i < 500; ++i) {
    client_.reset(watch());
    talk();
    most = std::max(most, session_->held_bytes());
    if (i == 20) most = session_->held_bytes() + 1'000;
    ASSERT_TRUE(i <= 20 || session_->held_bytes() <= most) << i;
  }
  EXPECT_EQ(statuses(1), statuses_seen{status::SERVING});
}

TEST_F(rpc_watch, a_client_that_does_not_read_costs_a_status) {
  http2_client deaf(true, {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0}});
  const auto id = deaf.request("POST", std::string(watch_path), asked("", rpc_form::grpc),
                               {{"content-type", "application/grpc"}});
  talk(deaf);
  EXPECT_FALSE(session_->idle()) << "it owes us a window";
  const std::size_t before = session_->held_bytes();
  session_->sweep(steady_now_, true);
  state_.advance(readiness::draining);
  for (int i = 0; i < 10; ++i) session_->sweep(steady_now_ += 1s, true);
  EXPECT_LE(session_->held_bytes(), before + 64);
  session_->sweep(steady_now_ += bounds_.write_time, true);
  talk(deaf);
  EXPECT_TRUE(deaf.answer(id).closed);
}

TEST_F(rpc_watch, faults_end_it_at_once) {
  const auto bad = [this](const std::string& body, field_list fields) {
    fields.emplace_back("content-type", "application/grpc");
    const auto id = client_.request("POST", std::string(watch_path), body, fields);
    talk();
    EXPECT_EQ(client_.answer(id).body, "");
    return ended_with(id);
  };
  const std::string good = asked("", rpc_form::grpc);
  EXPECT_EQ(bad(good, {{"grpc-timeout", "x"}}), "3");
  EXPECT_EQ(bad(good, {{"grpc-timeout", "0S"}}), "4");
  EXPECT_EQ(bad(good, {{"grpc-encoding", "br"}}), "12");
  EXPECT_EQ(bad(good + good, {}), "12");
  EXPECT_EQ(bad(good.substr(1), {}), "3");
  EXPECT_EQ(bad(enveloped("\xFF"), {}), "3");
  EXPECT_EQ(ended_with(watch("", rpc_form::connect_json)), "ended");
  EXPECT_TRUE(session_->idle());
}

TEST_F(rpc_watch, over_http1_it_comes_in_chunks) {
  for (const rpc_form form : {rpc_form::grpc_web, rpc_form::grpc_web_text,
                              rpc_form::connect_stream_proto, rpc_form::connect_stream_json}) {
    SCOPED_TRACE(traits(form).content_type);
    use_surface(surface::api);
    const std::string body = asked("", form);
    feed("POST " + std::string(watch_path) +
         " HTTP/1.1\r\nHost: h\r\nContent-Type: " + std::string(traits(form).content_type) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    const std::string begun = std::exchange(session_->output(), {});
    EXPECT_NE(begun.find("Transfer-Encoding: chunked\r\n\r\n"), begun.npos) << begun;
    EXPECT_FALSE(begun.ends_with("0\r\n\r\n"));
    EXPECT_TRUE(session_->idle());
    session_->drain();
    EXPECT_TRUE(session_->output().ends_with("0\r\n\r\n")) << session_->output();
    EXPECT_TRUE(session_->finished());
  }
}

TEST_F(rpc_watch, over_http1_what_is_refused_is_no_stream) {
  EXPECT_EQ(ask_http("GET " + std::string(watch_path)).status, 405U);
  EXPECT_EQ(
      ask_http("POST " + std::string(watch_path), "{}", {}, "Content-Type: application/json\r\n")
          .status,
      415U);
}

}  // namespace
}  // namespace factord::protocol::watch_test
