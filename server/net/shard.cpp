#include "server/net/shard.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <exception>
#include <tuple>

#include "server/base/log.hpp"
#include "server/net/never_fails.hpp"
#include "server/net/refusal.hpp"
#include "server/net/run_events.hpp"
#include "storage/base/check.hpp"

namespace factord::net {
namespace {

namespace asio = boost::asio;

// Once a second is enough for deadlines of seconds; tests have shorter ones.
std::chrono::milliseconds sweep_interval(const limits& bounds) {
  const auto shortest = std::min({bounds.tls_handshake_time, bounds.header_time, bounds.body_time,
                                  bounds.write_time, bounds.idle_time, bounds.discard_time});
  return std::clamp(shortest / 4, std::chrono::milliseconds{1}, std::chrono::milliseconds{1000});
}

// Whoever operates a server must be able to talk to it, however little its clients may say.
limits admin_bounds(limits of_clients) {
  const limits usual;
  of_clients.header_bytes = std::max(of_clients.header_bytes, usual.header_bytes);
  of_clients.body_bytes = std::max(of_clients.body_bytes, usual.body_bytes);
  return of_clients;
}

std::uint64_t draw_number(const service::random_source& random) {
  std::array<unsigned char, sizeof(std::uint64_t)> drawn{};
  random(drawn);
  return std::bit_cast<std::uint64_t>(drawn);
}

std::optional<tracing::tracer> make_tracer(const shard_environment& around,
                                           const service::random_source& random) {
  if (around.traces == nullptr) return std::nullopt;
  return std::optional<tracing::tracer>(std::in_place, around.told.traced, draw_number(random),
                                        *around.traces);
}

service::environment complete_environment(service::environment with, auto run, auto turn,
                                          auto deliver, auto wanted, auto submitted,
                                          auto watch_log) {
  with.run_on_shard = std::move(run);
  with.take_turn = std::move(turn);
  with.deliver = std::move(deliver);
  with.wanted = std::move(wanted);
  with.submitted = std::move(submitted);
  with.watch_log = std::move(watch_log);
  return with;
}

}  // namespace

/// Gives the slot back, however serve() ends.
class shard::slot_guard {
 public:
  explicit slot_guard(shard& home) : home_(home), name_(home.connections_.reserve()) {}
  ~slot_guard() { home_.connections_.erase(name_); }
  slot_guard(const slot_guard&) = delete;
  slot_guard& operator=(const slot_guard&) = delete;

  [[nodiscard]] slab<connection>::name name() const noexcept { return name_; }

 private:
  shard& home_;
  const slab<connection>::name name_;
};

shard::shard(std::uint32_t index, const shard_environment& around, service::environment service)
    : index_(index),
      around_(around),
      counters_(service.tally),
      admin_bounds_(admin_bounds(around.bounds)),
      date_(service.now()),
      names_(draw_number(service.random)),
      log_(around.told.logged, service.now,
           [](log::level severity, std::string_view line) { log::put(severity, line); }),
      tracer_(make_tracer(around, service.random)),
      calls_(index),
      answers_(calls_, [this](const service::call& done) { tell_unheard(done); }),
      users_(complete_environment(
          std::move(service), [this](std::function<void()> task) { run_here(std::move(task)); },
          [this](std::function<void()> task) { asio::post(context_, std::move(task)); },
          [this](service::call& done) { deliver(done); },
          [this](const service::call& pending) {
            const connection* const owner = find(pending.way_back);
            return owner != nullptr && owner->awaits(pending);
          },
          [this](service::call& begun) { answers_.tell_submitted(begun, find(begun.way_back)); },
          [this](bool watched) { log_bell_.watch(watched); })),
      environment_{around_.bounds, date_,  around_.interface,
                   users_,         calls_, &around_.bulk_lines,
                   &names_,        &log_,  tracer_ ? &*tracer_ : nullptr},
      admin_environment_{admin_bounds_, date_,  around_.interface,
                         users_,        calls_, nullptr,
                         &names_,       &log_,  tracer_ ? &*tracer_ : nullptr},
      work_(asio::make_work_guard(context_)),
      sweep_timer_(context_),
      log_bell_(context_, [this] { users_.log_grew(); }) {
  // Without its sweeper a shard has no deadlines.
  asio::co_spawn(context_, sweep_for_ever(), never_fails);
}

void shard::run() { run_events(context_); }

connection* shard::find(const service::ticket& name) const {
  return name.shard == index_ ? connections_.find({name.slot, name.generation}) : nullptr;
}

// Over the limit, a refusal in words is not worth a handshake: with TLS the connection only ends.
void shard::adopt(stream_socket socket, protocol::surface routes, protocol::shared_tls encryption) {
  if (auto place = around_.rooms[routes].connections.enter()) {
    asio::co_spawn(context_,
                   serve(std::move(socket), routes, std::move(encryption), *std::move(place)),
                   log_escaped());
    return;
  }
  // Listeners are the first shard's.
  counters_.of_shard(0).refused(service::refusal_reason::connections);
  if (encryption == nullptr) {
    if (auto told = around_.refusals.enter())
      asio::co_spawn(context_, refuse(std::move(socket), *std::move(told)), log_escaped());
  }
}

// A coroutine of ours ended by an exception: out of memory. The one catch of its co_spawn.
std::function<void(std::exception_ptr)> shard::log_escaped() {
  return [this](std::exception_ptr escaped) {
    if (!escaped) return;
    try {
      std::rethrow_exception(escaped);
    } catch (const std::exception& cause) {
      log_unexpected_end(cause);
    }
  };
}

// Its connection is gone.
void shard::tell_unheard(const service::call& done) {
  log_.note_unheard(done);
  protocol::tell(environment_.tracer, done);
}

void shard::log_unexpected_end(const std::exception& cause) {
  if (const auto times = unexpected_ends_.due(connection::clock::now()); times > 0)
    log::error("a connection ended unexpectedly", {{"cause", cause.what()}, {"times", times}});
}

awaitable<void> shard::serve(stream_socket socket, protocol::surface routes,
                             protocol::shared_tls encryption, budget_place /*given back last*/) {
  const slot_guard guard(*this);
  const service::ticket name{index_, guard.name().slot, guard.name().generation};
  connection& mine = connections_.put(
      guard.name(),
      std::make_unique<connection>(*this, std::move(socket), encryption.get(), routes, name));
  if (draining_ && routes != protocol::surface::monitoring) mine.drain();
  co_await mine.run();
}

awaitable<void> shard::refuse(stream_socket socket, budget_place /*given back last*/) {
  co_await refuse_connection(std::move(socket), std::string(date_.text()),
                             around_.bounds.discard_time);
}

awaitable<void> shard::sweep_for_ever() {
  const auto interval = sweep_interval(around_.bounds);
  date_.set(system_now());
  for (;;) {
    sweep_timer_.expires_after(interval);
    std::tuple<boost::system::error_code> waited =
        co_await sweep_timer_.async_wait(asio::as_tuple(asio::deferred));
    if (std::get<0>(waited)) co_return;
    sweep();
  }
}

// What has no memory for its end is ended without one, and the rest is swept all the same.
void shard::sweep() {
  date_.set(system_now());
  const auto now = connection::clock::now();
  const std::uint64_t last = counters_.commits().last_sequence.get();
  std::uint64_t furthest_behind = 0;
  connections_.for_each([&](connection& one) {
    const std::uint64_t position = std::min(one.least_position().value_or(last), last);
    furthest_behind = std::max(furthest_behind, last - position);
    try {
      one.sweep(now);
    } catch (const std::exception& cause) {
      log_unexpected_end(cause);
      one.close();
    }
  });
  counters_.of_shard(index_).stream_lag.set(furthest_behind);
  users_.sweep();
  // Where another shard went over the limit and the memory is here, nobody grows any more.
  if (around_.buffers.exceeded()) close_fullest();
}

void shard::post_completions(std::span<storage::command* const> done) {
  if (completions_.put(done)) asio::post(context_, [this] { take_completions(); });
}

void shard::take_completions() {
  completions_.take(batch_);
  const auto now = connection::clock::now();
  for (storage::command* const one : batch_) static_cast<service::call*>(one)->note_answered(now);
  answers_.give(batch_, [this](const service::ticket& name) { return find(name); });
}

void shard::deliver(service::call& done) {
  done.note_answered(connection::clock::now());
  answers_.give(done, find(done.way_back));
}

void shard::run_here(std::function<void()> task) {
  if (context_.get_executor().running_in_this_thread()) return task();
  asio::post(context_, std::move(task));
}

void shard::post_drain() {
  asio::post(context_, [this] { drain_all(); });
}

void shard::post_close() {
  asio::post(context_, [this] { close_all(); });
}

void shard::drain_all() {
  draining_ = true;
  users_.drain();
  connections_.for_each([](connection& one) {
    if (one.routes() != protocol::surface::monitoring) one.drain();
  });
}

void shard::close_all() {
  connections_.for_each([](connection& one) { one.close(); });
}

void shard::close_fullest() {
  connection* const fullest = protocol::fullest_of<connection>(connections_);
  if (fullest == nullptr) return;
  counters_.of_shard(index_).refused(service::refusal_reason::buffers);
  if (const auto times = closed_for_room_.due(connection::clock::now()); times > 0)
    log::warn("buffers are full: closing the fullest connection",
              {{"bytes", fullest->buffered()}, {"times", times}});
  fullest->close();
}

}  // namespace factord::net
