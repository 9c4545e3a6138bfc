// HTTP/1.1: whatever the bytes, and however they are cut into reads and answered, the same requests
// come out, each within its limits, and the same answers go back in the order of the requests.

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "server/protocol/http1/codec.hpp"
#include "storage/base/check.hpp"
#include "storage/base/enum_table.hpp"
#include "tests/fuzz/input.hpp"

namespace factord::protocol {
namespace {

constexpr std::string_view interim = "HTTP/1.1 100 Continue\r\n\r\n";

// Small, so that inputs reach them.
limits small_limits() {
  limits bounds;
  bounds.header_bytes = 512;
  bounds.body_bytes = 256;
  bounds.pipelined_requests = 4;
  return bounds;
}

struct seen_request {
  verb method;
  std::string target;
  std::string body;
  std::array<std::string, count_of<field>> fields;
  std::array<bool, count_of<field>> present;
  unsigned refused;

  bool operator==(const seen_request&) const = default;
};

// What a connection came to.
struct outcome {
  std::vector<seen_request> requests;
  std::string answers;
  bool finished = false;

  bool operator==(const outcome&) const = default;
};

enum class answering { at_once, backwards };

class connection {
 public:
  connection(const limits& bounds, answering how)
      : bounds_(bounds), codec_(bounds, date_), how_(how) {}

  void feed(std::string_view bytes) {
    pending_ += bytes;
    for (;;) {
      const std::size_t taken = codec_.receive(pending_);
      FACTORD_CHECK(taken <= pending_.size());
      pending_.erase(0, taken);
      const bool had_next = codec_.has_next();
      const request* got = codec_.next();
      FACTORD_CHECK(had_next == (got != nullptr));
      if (got == nullptr) {
        if (unanswered_.size() < bounds_.pipelined_requests) return;
        answer_all();
        continue;
      }
      note(*got);
      if (how_ == answering::at_once) answer_all();
    }
  }

  outcome end(bool chunked) {
    answer_all();
    seen_.finished = codec_.finished();
    codec_.end_of_input();
    FACTORD_CHECK(codec_.finished());
    seen_.answers = codec_.output();
    // A client that sends its body at once needs none.
    for (auto at = seen_.answers.find(interim); at != std::string::npos;
         at = seen_.answers.find(interim)) {
      seen_.answers.erase(at, interim.size());
    }
    if (chunked) forget_which_fault();
    return std::move(seen_);
  }

 private:
  // A line of a chunk or a trailer can be malformed, too long, and of a chunk that is too large.
  // Which of them is answered depends on whether its end was there already.
  void forget_which_fault() {
    const std::size_t last = seen_.answers.rfind("HTTP/1.1 4");
    if (last == std::string::npos) return;
    const std::string_view tail = std::string_view(seen_.answers).substr(last);
    for (const std::string_view fault :
         {"malformed chunk", "malformed request", "Content-Length exclude each other",
          "Content-Length must be one number", "trailers are too large", "malformed trailers",
          "request body is too large"}) {
      if (!tail.ends_with(std::string(fault) + "\"}")) continue;
      seen_.answers.replace(last, std::string::npos, "a bad chunk");
      return;
    }
  }

  void note(const request& got) {
    FACTORD_CHECK(!got.more);
    FACTORD_CHECK(got.body.size() <= bounds_.body_bytes);
    FACTORD_CHECK(got.target.starts_with('/') || got.target == "*");
    FACTORD_CHECK(got.target.find_first_of("#\r\n ") == std::string::npos);
    seen_request copy{got.method, got.target, got.body, {}, {}, got.refused.status};
    for (std::size_t i = 0; i < count_of<field>; ++i) {
      const std::string_view value = got.value(static_cast<field>(i));
      FACTORD_CHECK(value.find_first_of("\r\n") == std::string_view::npos);
      // Of fields that came twice, the last of them empty, the list ends with a blank.
      copy.fields[i] = value.substr(0, value.find_last_not_of(' ') + 1);
      copy.present[i] = got.has(static_cast<field>(i));
    }
    seen_.requests.push_back(std::move(copy));
    unanswered_.push_back(got.id);
    FACTORD_CHECK(unanswered_.size() <= bounds_.pipelined_requests);
  }

  void answer_all() {
    if (how_ == answering::backwards) std::reverse(unanswered_.begin(), unanswered_.end());
    for (const std::uint64_t id : unanswered_) {
      response out;
      out.body = std::to_string(id);
      codec_.respond(id, out);
    }
    unanswered_.clear();
  }

  const limits& bounds_;
  const date_clock date_{timestamp{}};
  http1_codec codec_;
  const answering how_;
  std::string pending_;
  std::vector<std::uint64_t> unanswered_;
  outcome seen_;
};

bool names_chunked(std::string_view input) {
  constexpr std::string_view name = "chunked";
  const auto same = [](char a, char b) { return (a | 0x20) == b; };
  return std::search(input.begin(), input.end(), name.begin(), name.end(), same) != input.end();
}

outcome run(const limits& bounds, std::string_view input, std::size_t longest_read, answering how) {
  const bool chunked = names_chunked(input);
  connection client(bounds, how);
  fuzz::choices cut(input);
  while (!input.empty()) {
    const std::size_t size = std::min(input.size(), 1 + cut.below(longest_read));
    client.feed(input.substr(0, size));
    input.remove_prefix(size);
  }
  return client.end(chunked);
}

std::string_view method_name(verb method) {
  constexpr std::array<std::string_view, 8> names = {"GET",   "HEAD",   "POST",    "PUT",
                                                     "PATCH", "DELETE", "OPTIONS", "BREW"};
  return names[static_cast<std::size_t>(method)];
}

// The plainest way to ask the same.
std::string write(const seen_request& asked) {
  std::string text(method_name(asked.method));
  text += " " + asked.target + " HTTP/1.1\r\nHost: h\r\n";
  for (std::size_t i = 0; i < count_of<field>; ++i) {
    if (!asked.present[i]) continue;
    text.append(name(static_cast<field>(i))).append(": ").append(asked.fields[i]).append("\r\n");
  }
  text += "Content-Length: " + std::to_string(asked.body.size()) + "\r\n\r\n" + asked.body;
  return text;
}

void check(std::string_view input) {
  const limits bounds = small_limits();
  const outcome whole =
      run(bounds, input, std::max<std::size_t>(input.size(), 1) * 2, answering::at_once);
  FACTORD_CHECK(run(bounds, input, 1, answering::at_once) == whole);
  FACTORD_CHECK(run(bounds, input, 40, answering::backwards) == whole);

  std::string written;
  std::vector<seen_request> asked_well;
  for (const seen_request& asked : whole.requests) {
    if (asked.refused != 0) continue;  // for a field that must be one, and was two
    asked_well.push_back(asked);
    written += write(asked);
  }
  const limits roomy;
  const outcome again = run(roomy, written, written.size() + 1, answering::at_once);
  FACTORD_CHECK(again.requests == asked_well && !again.finished);
}

}  // namespace
}  // namespace factord::protocol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  factord::protocol::check(factord::fuzz::as_text(data, size));
  return 0;
}
