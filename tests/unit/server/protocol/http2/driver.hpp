#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/base/limits.hpp"
#include "server/protocol/http2/codec.hpp"
#include "server/protocol/wire/codec_kind.hpp"
#include "server/protocol/wire/date_clock.hpp"
#include "storage/base/check.hpp"
#include "tests/unit/server/protocol/http2/client.hpp"

namespace factord::protocol::testing {

/// The codec without a socket: feeds bytes the way server/net does, and keeps what came out.
/// Targets that begin with "/stream" come in parts.
class http2_driver {
 public:
  struct seen_request {
    std::uint64_t id = 0;
    verb method = verb::other;
    std::string target;
    std::string body;
    std::string authorization;
    bool more = false;
    unsigned refused = 0;
  };

  /// With `answers` every request is answered 200 with its target and body, part by part.
  explicit http2_driver(const limits& bounds = {}, bool answers = true,
                        host_rule hosts = host_rule::checked)
      : bounds_(bounds),
        codec_(
            bounds_, date_, [](std::string_view target) { return target.starts_with("/stream"); },
            hosts),
        answers_(answers) {}

  /// Feeds `bytes` as one read, and takes what is to be sent.
  void feed(std::string_view bytes) {
    FACTORD_CHECK(codec_.receive(bytes) == bytes.size());
    pump();
  }

  /// Runs what waits, and takes what is to be sent.
  void pump() {
    do {
      while (request* got = codec_.next()) take(*got);
      codec_.fill_output();
      sent_ += codec_.output();
      codec_.output().clear();
    } while (codec_.has_next());
  }

  /// Lets the two talk until both are silent.
  void talk(http2_client& client) {
    for (;;) {
      const std::string bytes = client.output();
      feed(bytes);
      const std::string answer = take_sent();
      client.feed(answer);
      if (bytes.empty() && answer.empty()) return;
    }
  }

  void answer(std::uint64_t id, const std::string& body, bool more = false,
              std::vector<response::header> trailers = {}) {
    response out;
    out.content_type = "text/plain";
    out.body = body;
    out.more = more;
    out.trailers = std::move(trailers);
    codec_.respond(id, out);
  }

  [[nodiscard]] std::string take_sent() { return std::exchange(sent_, {}); }
  [[nodiscard]] const std::vector<seen_request>& requests() const { return requests_; }
  [[nodiscard]] http2_codec& codec() { return codec_; }

 private:
  void take(request& got) {
    requests_.push_back({got.id, got.method, got.target, got.body,
                         std::string(got.value(field::authorization)), got.more,
                         got.refused.status});
    if (!answers_) return;
    if (got.refused.status != 0) {
      response out;
      out.status = got.refused.status;
      out.body = got.refused.message;
      return codec_.respond(got.id, out);
    }
    answer(got.id, got.target + got.body, got.more);
    got.body.clear();
  }

  const limits bounds_;
  const date_clock date_{timestamp{}};
  http2_codec codec_;
  const bool answers_;
  std::string sent_;
  std::vector<seen_request> requests_;
};

}  // namespace factord::protocol::testing
