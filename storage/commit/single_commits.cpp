#include "storage/commit/single_commits.hpp"

#include "storage/base/check.hpp"

namespace factord::storage {

namespace {

commit_hooks failure_into(std::optional<error>& failure) {
  commit_hooks hooks;
  hooks.failed = [&failure](const error& cause) {
    failure = error{errc::storage_failed, cause.message};
  };
  // Who fills a store in order cannot leave one out.
  hooks.unreadable = [&failure](const error& cause) { failure = cause; };
  hooks.refused = [&failure](commit_status, const error& cause) { failure = cause; };
  return hooks;
}

}  // namespace

single_commits::single_commits(engine& store) : queue_(store, {}, failure_into(failure_), 1) {}

result<void> single_commits::commit(command& one, timestamp now) {
  if (failure_) return *failure_;
  FACTORD_CHECK(queue_.submit(one) == submit_status::accepted);
  FACTORD_CHECK(queue_.run_batch(now));
  if (failure_) return *failure_;
  return {};
}

}  // namespace factord::storage
