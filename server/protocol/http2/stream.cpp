#include "server/protocol/http2/stream.hpp"

#include <algorithm>
#include <array>

#include "storage/base/ascii.hpp"
#include "storage/base/check.hpp"

namespace factord::protocol::http2 {
namespace {

// RFC 9113, section 6.5.2: what each field counts beyond its name and value.
constexpr std::size_t field_overhead = 32;
// An answer that was large does not stay in memory for the next stream.
constexpr std::size_t kept_capacity = 4096;
// The longest Content-Type that is kept of a header that is too large.
constexpr std::size_t form_bytes_max = 256;

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

std::uint16_t port_of_scheme(std::string_view scheme) {
  if (same_in_any_case(scheme, "https")) return 443;
  return same_in_any_case(scheme, "http") ? 80 : 0;
}

}  // namespace

void stream::begin(std::int32_t id) {
  incoming.id = static_cast<std::uint64_t>(id);
  incoming.version = http_version::http2;
  incoming.takes_parts = true;
}

void stream::clear() {
  incoming.clear();
  streaming = ended = queued = taken = answering = answered = paced = expects_continue = false;
  trailers.clear();
  header_list_bytes_ = 0;
  authority_.clear();
  host_.clear();
  scheme_port_ = 0;
  answer_.clear();
  if (answer_.capacity() > kept_capacity) answer_ = std::string();
  sent_ = 0;
  bytes_in_ = bytes_out_ = 0;
  swept_ = debt::nothing;
}

void stream::add_field(std::string_view name, std::string_view value, std::size_t header_limit) {
  header_list_bytes_ += name.size() + value.size() + field_overhead;
  if (incoming.refused.status == 0 && header_list_bytes_ > header_limit) {
    const bool target = name == ":path" && value.size() > header_limit;
    incoming.refused = target ? refusal{414, 3, "the request target is too long"}
                              : refusal{431, 3, "the request header is too large"};
  }
  if (incoming.refused.status != 0) return note_form(name, value);
  if (name == ":method") {
    incoming.method = find_verb(value);
  } else if (name == ":path") {
    incoming.target = value;
  } else if (name == ":authority") {
    authority_ = value;
  } else if (name == ":scheme") {
    scheme_port_ = port_of_scheme(value);
  } else if (name == "host") {
    host_ = value;
  } else if (name == "expect") {
    expects_continue = same_in_any_case(value, "100-continue");
    if (!expects_continue) refuse({417, 3, "the only expectation known is 100-continue"});
  } else if (const auto known = find_field(name)) {
    incoming.add(*known, value);
  }
}

// Of a request that is refused already: in what form it is to be told so.
void stream::note_form(std::string_view name, std::string_view value) {
  if (name != "content-type" || value.size() > form_bytes_max) return;
  if (!incoming.has(field::content_type)) incoming.add(field::content_type, value);
}

bool stream::names_hosts_well() const {
  if (!is_host(authority_) || !is_host(host_)) return false;
  const bool both = !authority_.empty() && !host_.empty();
  // RFC 9113, section 8.3.1.
  return !both || same_host(authority_, host_, scheme_port_);
}

void stream::end_header(host_rule hosts) {
  if (incoming.refused.status != 0) return;
  const std::string& target = incoming.target;
  const bool asterisk = target == "*" && incoming.method == verb::options;
  if (hosts == host_rule::checked && !names_hosts_well())
    return refuse({400, 3, "malformed Host, or one that is not the :authority"});
  // CONNECT has no path at all.
  if (!asterisk && (!target.starts_with('/') || target.find('#') != std::string::npos))
    return refuse({400, 3, "malformed request target"});
  // As in a target of HTTP/1.1 that has one.
  if (scheme_port_ == 0) refuse({400, 3, "the :scheme must be http or https"});
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
// for each bit of progress. Of a message stream whose reader leaves so much no more is taken.
bool stream::is_late(codec::time_point now, bool reading, const limits& bounds) {
  const bool full = streaming && incoming.body.size() >= bounds.body_bytes;
  const debt due = full && unsent() == 0 ? debt::nothing : owed();
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
