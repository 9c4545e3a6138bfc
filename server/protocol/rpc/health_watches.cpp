#include "server/protocol/rpc/health_watches.hpp"

namespace factord::protocol {

void health_watches::keep(const health_watch& begun, const codec& to) {
  // From so many on, those whose clients are gone make room first.
  if (open_.size() >= bounds_.http2_streams) forget_gone(to);
  open_.push_back(begun);
}

void health_watches::tell(readiness state, codec& to) {
  if (open_.empty()) return;
  forget_gone(to);
  response out;
  for (health_watch& one : open_) {
    out.clear();
    if (tell_watch(one, state, out)) to.respond(one.request_id, out);
  }
}

void health_watches::end(readiness state, codec& to) {
  response out;
  for (health_watch& one : open_) {
    out.clear();
    end_watch(one, state, out);
    to.respond(one.request_id, out);
  }
  open_.clear();
}

void health_watches::forget_gone(const codec& to) {
  std::erase_if(open_, [&to](const health_watch& one) { return !to.awaits(one.request_id); });
}

}  // namespace factord::protocol
