#include "server/service/shard_callback.hpp"

namespace factord::service {

namespace {

constexpr failure store_unreadable{status_code::unavailable, "", "the store cannot be read"};

}  // namespace

void fail_unreadable(const environment& with, call& pending, const error& cause) {
  with.tally.failed_reads().note(traits(pending.op).name, cause, with.steady_now());
  pending.out.fail(store_unreadable);
}

}  // namespace factord::service
