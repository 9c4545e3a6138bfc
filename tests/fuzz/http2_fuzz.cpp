// HTTP/2: whatever the bytes, a request is given out within its limits and the same however they
// are cut into reads; what goes back is whole frames; nothing that is held escapes the count.

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "server/protocol/http2/codec.hpp"
#include "storage/base/check.hpp"
#include "storage/base/enum_table.hpp"
#include "tests/fuzz/input.hpp"

namespace factord::protocol {
namespace {

using namespace std::chrono_literals;

// Small, so that inputs reach them.
limits small_limits() {
  limits bounds;
  bounds.header_bytes = 512;
  bounds.body_bytes = 256;
  bounds.http2_streams = 4;
  bounds.http2_resets = 8;
  bounds.http2_acks = 8;
  bounds.output_bytes = 2048;
  return bounds;
}

bool comes_in_parts(std::string_view target) { return target.starts_with("/grpc"); }

struct seen_request {
  verb method = verb::other;
  std::string target;
  std::string body;
  std::array<std::string, count_of<field>> fields;
  unsigned refused = 0;
  bool whole = false;

  bool operator==(const seen_request&) const = default;
};
using seen_requests = std::map<std::uint64_t, seen_request>;

enum class answering { at_once, backwards };

class connection {
 public:
  connection(const limits& bounds, answering how)
      : bounds_(bounds), codec_(bounds, date_, comes_in_parts), how_(how) {}

  void feed(std::string_view bytes) {
    codec_.set_time(now_);
    FACTORD_CHECK(codec_.receive(bytes) == bytes.size());
    turn();
  }

  /// Time passes, and the deadlines are looked at.
  void wait(std::chrono::milliseconds time) {
    now_ += time;
    codec_.sweep(now_, true);
    turn();
  }

  void drain() {
    codec_.drain();
    turn();
  }

  seen_requests end() {
    codec_.end_of_input();
    turn();
    answer_all();
    turn();
    FACTORD_CHECK(!codec_.has_next());
    check_frames();
    return std::move(seen_);
  }

 private:
  void turn() {
    while (request* got = next()) {
      note(*got);
      if (how_ == answering::at_once) answer_all();
    }
    codec_.fill_output();
    sent_ += codec_.output();
    codec_.output().clear();
    if (waiting_.size() > bounds_.http2_streams) answer_all();
  }

  request* next() {
    const bool had_next = codec_.has_next();
    request* got = codec_.next();
    FACTORD_CHECK(had_next == (got != nullptr));
    return got;
  }

  void note(request& got) {
    const std::size_t envelope = comes_in_parts(got.target) ? 5 : 0;
    FACTORD_CHECK(got.body.size() <= bounds_.body_bytes + envelope);
    FACTORD_CHECK(codec_.held_bytes() >= got.body.size() + got.target.size());
    seen_request& kept = seen_[got.id];
    FACTORD_CHECK(!kept.whole);  // given out to its end once
    kept.method = got.method;
    kept.target = got.target;
    kept.body += got.body;
    kept.refused = got.refused.status;
    kept.whole = !got.more;
    for (std::size_t i = 0; i < count_of<field>; ++i)
      kept.fields[i] = got.value(static_cast<field>(i));
    if (kept.refused == 0) check_sane(kept);
    got.body.clear();  // taken
    waiting_.push_back({got.id, got.more});
  }

  static void check_sane(const seen_request& kept) {
    FACTORD_CHECK(kept.target.starts_with('/') || kept.target == "*");
    FACTORD_CHECK(kept.target.find_first_of("#\r\n ") == std::string::npos);
    for (const std::string& value : kept.fields) {
      constexpr std::string_view forbidden{"\r\n\0", 3};
      FACTORD_CHECK(value.find_first_of(forbidden) == std::string::npos);
    }
  }

  void answer_all() {
    if (how_ == answering::backwards) std::reverse(waiting_.begin(), waiting_.end());
    // Of a request in parts each part is answered by one, in their order.
    std::stable_sort(waiting_.begin(), waiting_.end(),
                     [](const part& a, const part& b) { return a.more && !b.more; });
    for (const part& one : std::exchange(waiting_, {})) {
      response out;
      out.body = std::to_string(one.id);
      out.more = one.more;
      if (!one.more && one.id % 4 == 1) out.trailers.push_back({"grpc-status", "0"});
      codec_.respond(one.id, out);
    }
  }

  void check_frames() const {
    std::string_view rest = sent_;
    while (!rest.empty()) {
      FACTORD_CHECK(rest.size() >= 9);
      const auto byte = [&rest](std::size_t i) { return static_cast<unsigned char>(rest[i]); };
      const std::size_t size = std::size_t{byte(0)} << 16U | std::size_t{byte(1)} << 8U | byte(2);
      FACTORD_CHECK(rest.size() >= 9 + size);
      rest.remove_prefix(9 + size);
    }
  }

  struct part {
    std::uint64_t id;
    bool more;
  };

  const limits& bounds_;
  const date_clock date_{timestamp{}};
  http2_codec codec_;
  const answering how_;
  codec::time_point now_{};
  std::vector<part> waiting_;
  std::string sent_;
  seen_requests seen_;
};

seen_requests run(const limits& bounds, std::string_view input, std::size_t longest_read) {
  connection client(bounds, answering::at_once);
  fuzz::choices cut(input);
  while (!input.empty()) {
    const std::size_t size = std::min(input.size(), 1 + cut.below(longest_read));
    client.feed(input.substr(0, size));
    input.remove_prefix(size);
  }
  return client.end();
}

// Late answers, deadlines and a drain in between: only that it holds together.
void run_slowly(const limits& bounds, std::string_view input) {
  connection client(bounds, answering::backwards);
  fuzz::choices choose(input);
  while (!input.empty()) {
    const std::size_t size = std::min(input.size(), 1 + choose.below(40));
    client.feed(input.substr(0, size));
    input.remove_prefix(size);
    const std::size_t what = choose.below(16);
    if (what < 3) client.wait(what * 6s);
    if (what == 3) client.drain();
  }
  (void)client.end();
}

// A stream that a client resets may be gone before it is given out, and answers that are late let
// fewer streams in; what is given out both times is the same both times. How much of a request in
// parts was taken before it grew too large depends on the parts.
void check_same(const seen_requests& one, const seen_requests& other) {
  for (const auto& [id, seen] : one) {
    const auto found = other.find(id);
    if (found == other.end() || !seen.whole || !found->second.whole) continue;
    const bool refused = seen.refused != 0 || found->second.refused != 0;
    if (refused && comes_in_parts(seen.target)) continue;
    FACTORD_CHECK(found->second == seen);
  }
}

void check(std::string_view input) {
  const limits bounds = small_limits();
  const seen_requests whole = run(bounds, input, std::max<std::size_t>(input.size(), 1) * 2);
  check_same(whole, run(bounds, input, 1));
  check_same(whole, run(bounds, input, 40));
  run_slowly(bounds, input);
}

}  // namespace
}  // namespace factord::protocol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  factord::protocol::check(factord::fuzz::as_text(data, size));
  return 0;
}
