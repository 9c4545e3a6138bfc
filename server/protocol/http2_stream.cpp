#include "server/protocol/http2_stream.hpp"

#include <algorithm>
#include <array>

#include "server/protocol/http1_target.hpp"
#include "storage/base/check.hpp"

namespace factord::protocol::http2 {
namespace {

// RFC 9113, section 6.5.2: what each field counts beyond its name and value.
constexpr std::size_t field_overhead = 32;
// An answer that was large does not stay in memory for the next stream.
constexpr std::size_t kept_capacity = 4096;

struct named_verb {
  std::string_view name;
  verb method;
};

constexpr std::array verbs = std::to_array<named_verb>({
    {"POST", verb::post},
    {"GET", verb::get},
    {"DELETE", verb::delete_},
    {"HEAD", verb::head},
    {"PUT", verb::put},
    {"PATCH", verb::patch},
    {"OPTIONS", verb::options},
});

verb find_verb(std::string_view name) {
  const auto found = std::ranges::find(verbs, name, &named_verb::name);
  return found == verbs.end() ? verb::other : found->method;
}

}  // namespace

void stream::begin(std::int32_t id) {
  incoming.id = static_cast<std::uint64_t>(id);
  incoming.version = http_version::http2;
}

void stream::clear() {
  incoming.clear();
  streaming = ended = queued = taken = answering = answered = false;
  given = 0;
  trailers.clear();
  header_list_bytes_ = 0;
  host_malformed_ = false;
  answer_.clear();
  if (answer_.capacity() > kept_capacity) answer_ = std::string();
  sent_ = 0;
  bytes_in_ = bytes_out_ = 0;
  swept_ = debt::nothing;
}

void stream::add_field(std::string_view name, std::string_view value, std::size_t header_limit) {
  header_list_bytes_ += name.size() + value.size() + field_overhead;
  if (header_list_bytes_ > header_limit)
    incoming.refused = {431, 3, "the request header is too large"};
  if (incoming.refused.status != 0) return;
  if (name == ":method") {
    incoming.method = find_verb(value);
  } else if (name == ":path") {
    incoming.target = value;
  } else if (name == ":authority" || name == "host") {
    host_malformed_ |= !http1::is_host(value);
  } else if (const auto known = find_field(name)) {
    incoming.add(*known, value);
  }
}

void stream::end_header() {
  if (incoming.refused.status != 0) return;
  const std::string& target = incoming.target;
  const bool asterisk = target == "*" && incoming.method == verb::options;
  if (host_malformed_) return refuse({400, 3, "malformed Host"});
  // CONNECT has no path at all.
  if (!asterisk && (!target.starts_with('/') || target.find('#') != std::string::npos))
    refuse({400, 3, "malformed request target"});
}

bool stream::add_body(std::string_view bytes, std::size_t limit) {
  bytes_in_ += bytes.size();
  if (incoming.body.size() + bytes.size() > limit) return false;
  incoming.body += bytes;
  return true;
}

void stream::refuse(const refusal& why) {
  incoming.refused = why;
  incoming.body.clear();
}

void stream::add_answer(const response& part) {
  FACTORD_CHECK(!answered);
  if (sent_ == answer_.size()) {
    answer_.clear();
    sent_ = 0;
  }
  answer_ += part.body;
  answering = true;
  answered = !part.more;
  if (answered) trailers = part.trailers;
}

std::size_t stream::read(std::span<char> space) {
  const std::size_t size = std::min(space.size(), unsent());
  std::copy_n(answer_.data() + sent_, size, space.data());
  sent_ += size;
  bytes_out_ += size;
  return size;
}

stream::debt stream::owed() const {
  if (unsent() > 0) return debt::window;
  if (ended || taken || incoming.refused.status != 0) return debt::nothing;
  return streaming ? debt::message : debt::body;
}

// A body has one deadline from its beginning to its end; a message stream and an answer have one
// for each bit of progress.
bool stream::is_late(codec::time_point now, bool reading, const limits& bounds) {
  const debt due = owed();
  const std::uint64_t progress = bytes_out_ + (due == debt::message ? bytes_in_ : 0);
  const bool seen = reading && due == swept_ && progress == swept_progress_;
  swept_ = due;
  swept_progress_ = progress;
  if (!seen) owed_since_ = now;
  switch (due) {
    case debt::nothing:
      return false;
    case debt::body:
      return now - owed_since_ >= bounds.body_time;
    case debt::message:
      return now - owed_since_ >= bounds.idle_time;
    case debt::window:
      break;
  }
  return now - owed_since_ >= bounds.write_time;
}

}  // namespace factord::protocol::http2
