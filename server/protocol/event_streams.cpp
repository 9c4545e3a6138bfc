#include "server/protocol/event_streams.hpp"

#include <algorithm>

namespace factord::protocol {

void event_streams::rest(service::call& part, codec::time_point now) {
  const auto found = std::ranges::find(open_, &part, &stream::of);
  if (found == open_.end()) {
    open_.push_back({&part, true, now});
  } else {
    *found = {&part, true, now};
  }
}

void event_streams::forget(const service::call& ended) {
  std::erase_if(open_, [&ended](const stream& one) { return one.of == &ended; });
}

// Those that have waited for longer come first.
service::call* event_streams::take(const codec& to, bool input_ended) {
  const auto found = std::ranges::find_if(open_, [&to, input_ended](const stream& one) {
    const std::uint64_t id = one.of->request_id;
    return one.resting && (input_ended || !to.awaits(id) || to.has_room(id));
  });
  if (found == open_.end()) return nullptr;
  found->resting = false;
  std::rotate(found, found + 1, open_.end());
  return open_.back().of;
}

void event_streams::sweep(codec::time_point now, codec& to, const pause_writer& write) {
  response out;
  for (stream& one : open_) {
    if (now - one.said_at < pause_time || !to.has_room(one.of->request_id)) continue;
    one.said_at = now;
    out.clear();
    write(*one.of, out);
    to.respond(one.of->request_id, out);
  }
}

std::optional<std::uint64_t> event_streams::least_position() const {
  std::optional<std::uint64_t> least;
  for (const stream& one : open_) {
    if (one.resting) least = std::min(least.value_or(one.of->out.position), one.of->out.position);
  }
  return least;
}

std::vector<service::call*> event_streams::resting() const {
  std::vector<service::call*> found;
  for (const stream& one : open_) {
    if (one.resting) found.push_back(one.of);
  }
  return found;
}

}  // namespace factord::protocol
