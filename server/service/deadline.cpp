#include "server/service/deadline.hpp"

namespace factord::service {
namespace {

constexpr failure deadline_passed{status_code::deadline_exceeded, "",
                                  "the deadline has passed, nothing was done"};

}  // namespace

bool is_too_late(const environment& with, call& pending) {
  if (pending.deadline == no_deadline) return false;
  if (with.steady_now() < pending.deadline) return false;
  with.tally.of_shard(pending.shard()).refused(refusal_reason::deadline);
  pending.out.fail(deadline_passed);
  return true;
}

}  // namespace factord::service
