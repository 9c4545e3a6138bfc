#include "server/service/call_pool.hpp"

namespace factord::service {

call& call_pool::acquire() {
  if (free_.empty()) {
    calls_.push_back(std::make_unique<call>(shard_));
    free_.reserve(calls_.size());
    return *calls_.back();
  }
  call& reused = *free_.back();
  free_.pop_back();
  reused.clear();
  return reused;
}

void call_pool::release(call& done) {
  if (!traits(done.op).is_brief) done.out.drop_lists();
  done.place.reset();
  free_.push_back(&done);
}

}  // namespace factord::service
