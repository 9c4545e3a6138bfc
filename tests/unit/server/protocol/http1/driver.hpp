#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "server/base/limits.hpp"
#include "server/protocol/http1/codec.hpp"
#include "server/protocol/wire/date_clock.hpp"

namespace factord::protocol::testing {

/// A request as the codec gave it out, copied.
struct seen_request {
  std::uint64_t id = 0;
  verb method = verb::other;
  std::string target;
  std::string body;
  std::string authorization;
};

/// One connection without a socket: feeds bytes the way server/net does, and keeps what came out.
class http1_driver {
 public:
  explicit http1_driver(const limits& bounds = {}, bool answers = true,
                        host_rule hosts = host_rule::checked,
                        codec::streaming_rule in_parts = nullptr)
      : bounds_(bounds), codec_(bounds_, date_, hosts, in_parts), answers_(answers) {}

  /// Feeds `bytes` as one read; with `answers`, every request is answered 200 with its target.
  void feed(std::string_view bytes) {
    pending_ += bytes;
    pump();
  }

  /// Offers again what was not taken.
  void pump() {
    for (;;) {
      pending_.erase(0, codec_.receive(pending_));
      request* got = codec_.next();
      if (got == nullptr) return;
      requests_.push_back({got->id, got->method, got->target, got->body,
                           std::string(got->value(field::authorization))});
      if (answers_) answer(got->id, got->target);
    }
  }

  void answer(std::uint64_t id, std::string_view body, answer_status status = 200) {
    response out;
    out.status = status;
    out.content_type = "text/plain";
    out.body = body;
    codec_.respond(id, out);
  }

  [[nodiscard]] const std::vector<seen_request>& requests() const { return requests_; }
  [[nodiscard]] const std::string& output() { return codec_.output(); }
  [[nodiscard]] const std::string& pending() const { return pending_; }
  [[nodiscard]] http1_codec& codec() { return codec_; }

 private:
  const limits bounds_;
  const date_clock date_{timestamp{}};
  http1_codec codec_;
  const bool answers_;
  std::string pending_;
  std::vector<seen_request> requests_;
};

inline std::size_t count(std::string_view text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

inline std::string without(std::string text, std::string_view part) {
  for (auto at = text.find(part); at != text.npos; at = text.find(part))
    text.erase(at, part.size());
  return text;
}

}  // namespace factord::protocol::testing
