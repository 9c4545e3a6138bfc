#include "storage/postgres/primary_watch.hpp"

#include <algorithm>

namespace factord::storage {

void primary_watch::see(const server_identity& server) {
  see_standbys(server.standbys);
  const std::lock_guard lock{mutex_};
  newest_ = std::max(newest_, server.tag.timeline);
}

std::uint32_t primary_watch::newest_timeline() const {
  const std::lock_guard lock{mutex_};
  return newest_;
}

bool primary_watch::outdated(const server_tag& server) const {
  const std::lock_guard lock{mutex_};
  return server.timeline < newest_;
}

void primary_watch::acknowledged(const server_tag& server, time sent) {
  const std::lock_guard lock{mutex_};
  if (server.timeline < newest_) return;
  if (holder_ != server) until_ = time::min();
  holder_ = server;
  until_ = std::max(until_, sent + lease_);
}

bool primary_watch::current(const server_tag& server, time now) const {
  const std::lock_guard lock{mutex_};
  return server.timeline >= newest_ && holder_ == server && now < until_;
}

void primary_watch::leave_waiting(const server_tag& server, int process) {
  const std::lock_guard lock{mutex_};
  waiting_.emplace_back(server, process);
}

std::optional<int> primary_watch::take_waiting(const server_tag& server) {
  const std::lock_guard lock{mutex_};
  std::erase_if(waiting_, [&server](const auto& one) { return one.first != server; });
  if (waiting_.empty()) return std::nullopt;
  const int process = waiting_.back().second;
  waiting_.pop_back();
  return process;
}

}  // namespace factord::storage
