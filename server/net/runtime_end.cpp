// How a runtime ends.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <tuple>

#include "server/base/log.hpp"
#include "server/net/never_fails.hpp"
#include "server/net/runtime.hpp"

namespace factord::net {
namespace {

namespace asio = boost::asio;
using protocol::surface;
using std::chrono::milliseconds;

constexpr milliseconds poll_interval{10};
// After a failure of the store: how long requests are still refused in good order, and how long the
// connections then have. Together at most a second.
constexpr milliseconds failure_notice{400};
constexpr milliseconds failure_patience{400};

// Who watches does so until the end.
bool is_served(surface routes) { return routes != surface::monitoring; }
bool is_any(surface /*routes*/) { return true; }

}  // namespace

void runtime::begin_stop() {
  if (stopping_) return;
  stopping_ = true;
  state_.advance(readiness::draining);
  life_.stopping();
  // One that is being made would keep the store open for as long as the disk likes.
  backups_.stop();
  asio::co_spawn(shards_.front()->context(), stop_gracefully(), never_fails);
}

awaitable<void> runtime::stop_gracefully() {
  co_await pause(options_.drain_delay);
  close_listeners(is_served);
  co_await end_connections(options_.bounds.drain_time);
}

// Called on the commit thread, before the failed batch is handed to its shards.
// A write's failure and a reset's may both tell, one after the other: it ends once.
void runtime::on_storage_failure(const error& failure) {
  if (!state_.advance(readiness::storage_failed)) return;
  log::error("storage failed: nothing more is written, and the process ends",
             {{"code", name(failure.code)}, {"cause", failure.message}});
  backups_.stop();
  asio::co_spawn(shards_.front()->context(), stop_after_failure(), never_fails);
}

awaitable<void> runtime::stop_after_failure() {
  stopping_ = true;
  life_.failed();
  co_await pause(failure_notice);
  close_listeners(is_served);
  co_await end_connections(failure_patience);
}

// Lets what is in flight finish, cuts the rest, and stops the shards.
awaitable<void> runtime::end_connections(milliseconds patience) {
  using clock = std::chrono::steady_clock;
  for (const auto& one : shards_) one->post_drain();
  const auto end = clock::now() + patience;
  while (live_connections() > 0 && clock::now() < end) co_await pause(poll_interval);
  if (live_connections() > 0) {
    log::warn("cutting connections", {{"count", live_connections()}});
    for (const auto& one : shards_) one->post_close();
    while (live_connections() > 0) co_await pause(poll_interval);
  }
  co_await end_monitoring();
  queue_.close();
  for (const auto& one : shards_) one->stop();
}

awaitable<void> runtime::end_monitoring() {
  close_listeners(is_any);
  const budget& watching = rooms_[surface::monitoring].connections;
  if (watching.used() == 0) co_return;
  for (const auto& one : shards_) one->post_close();
  while (watching.used() > 0) co_await pause(poll_interval);
}

awaitable<void> runtime::pause(milliseconds time) {
  steady_timer timer(shards_.front()->context(), time);
  std::tuple<boost::system::error_code> waited =
      co_await timer.async_wait(asio::as_tuple(asio::deferred));
  (void)waited;
}

std::size_t runtime::live_connections() const noexcept {
  return rooms_[surface::api].connections.used() + rooms_[surface::admin].connections.used();
}

void runtime::close_listeners(bool (*which)(surface routes)) {
  for (const auto& one : listeners_) {
    if (one->is_open() && which(one->routes())) one->close();
  }
}

void runtime::join_all() {
  queue_.close();
  commit_thread_.join();
  for (const auto& one : shards_) one->stop();
  for (thread& one : threads_) one.join();
  // What is still read goes to the shards, which are about to go.
  store_.stop();
}

}  // namespace factord::net
