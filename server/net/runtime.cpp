#include "server/net/runtime.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

#include "server/base/clock_steps.hpp"
#include "server/base/log.hpp"
#include "server/net/never_fails.hpp"
#include "server/service/secrets.hpp"
#include "storage/base/check.hpp"

namespace factord::net {
namespace {

namespace asio = boost::asio;
using protocol::surface;
using std::chrono::milliseconds;

}  // namespace

runtime::runtime(storage::engine& store, runtime_options options)
    : options_(std::move(options)),
      store_(store),
      tally_(options_.threads),
      buffers_(options_.bounds.all_buffers_bytes),
      rooms_({options_.bounds.connections, options_.admins, options_.monitors}, buffers_),
      refusals_(options_.refusals),
      streams_(options_.bounds.event_streams),
      bulk_lines_(protocol::bulk_share(options_.bounds.commit)),
      api_({options_.bounds, state_, store.mode(), options_.cors_origins,
            [this] { return store_.machines(); }, make_pages(), options_.told.times_answers}),
      backups_(store),
      // One more than there are, whose commands are its own.
      queue_(store, options_.bounds.commit, make_hooks(),
             static_cast<std::uint32_t>(options_.threads + 1)),
      tokens_(options_.bootstrap, queue_, static_cast<std::uint32_t>(options_.threads),
              [this](std::function<void()> task) {
                asio::post(shards_.front()->context(), std::move(task));
              }),
      keys_(options_.issuers),
      life_(options_.listener, options_.watchdog, store, queue_, state_),
      observation_({store_, queue_, options_.bounds.commit, backups_, state_, tally_, rooms_,
                    streams_, traces_, keys_},
                   options_.version) {
  FACTORD_CHECK(options_.threads > 0);
  tally_.commits().last_sequence.set(options_.sequence);
  if (options_.told.traced.traces())
    trace_exporter_.emplace(options_.told.traced, options_.version, traces_);
  const shard_environment around{
      options_.bounds, api_,        rooms_,        buffers_,
      refusals_,       bulk_lines_, options_.told, trace_exporter_ ? &traces_ : nullptr};
  for (std::uint32_t i = 0; i < options_.threads; ++i)
    shards_.push_back(std::make_unique<shard>(i, around, make_environment()));
}

runtime::~runtime() { join_all(); }

storage::commit_hooks runtime::make_hooks() {
  storage::commit_hooks hooks;
  hooks.committed = [this](std::span<const storage::event_type> types) {
    tally_.committed(types);
    for (const auto& one : shards_) one->post_log_grew();
  };
  hooks.tokens_changed = [this](std::uint64_t epoch) { token_epoch_.see(epoch); };
  hooks.unreadable = [this](const error& cause) {
    tally_.failed_reads().note("write", cause, std::chrono::steady_clock::now());
  };
  hooks.refused = [this](storage::commit_status how, const error& cause) {
    if (how == storage::commit_status::conflict) return;
    if (state_.set_available(false) || how == storage::commit_status::unknown)
      log::warn("the store is unavailable", {{"cause", cause.message}});
  };
  hooks.available = [this] {
    if (state_.set_available(true)) log::info("the store is available again");
  };
  hooks.measured = [this](const storage::batch_report& took) { tally_.commits().measured(took); };
  hooks.synced = [this](auto took) { tally_.commits().synced(took); };
  hooks.complete = [this](std::uint32_t shard, std::span<storage::command* const> done) {
    if (shard == shards_.size()) return tokens_.completed();
    shards_[shard]->post_completions(done);
  };
  hooks.failed = [this](const error& failure) { on_storage_failure(failure); };
  return hooks;
}

protocol::monitoring_pages runtime::make_pages() {
  return {[this](std::string& out) { observation_.write_metrics(out); }, options_.version,
          std::string(store_.kind()), options_.settings};
}

service::environment runtime::make_environment() {
  service::environment made{store_,
                            queue_,
                            token_epoch_,
                            tally_,
                            [this] { return store_.now(); },
                            std::chrono::steady_clock::now,
                            service::draw_secure_random,
                            system_now(),
                            {},  // what is a shard's own
                            {},
                            {},
                            &backups_};
  made.streams = &streams_;
  if (!keys_.issuers().trusted.empty()) made.issuers = &keys_.issuers();
  if (options_.may_reset) made.reset_store = [this](auto done) { reset_store(std::move(done)); };
  made.retry_window = options_.bounds.retry_window;
  return made;
}

// What it begins with, the bootstrap token too, is what a reset leads back to.
void runtime::keep_store() {
  const auto done = std::make_shared<std::promise<void>>();  // shared, as in token_keeper
  auto kept = done->get_future();
  const bool taken = queue_.between_batches([this, done] {
    store_.keep();
    done->set_value();
  });
  if (taken) kept.wait();
}

// What is in flight is decided before it or after it, and has its answer either way.
void runtime::reset_store(storage::engine::callback<service::fresh_store> done) {
  const bool taken = queue_.between_batches([this, done] {
    const auto head = store_.reset();
    if (!head) {
      const errc why = head.error().code;
      if (why != errc::unavailable && why != errc::bad_argument) on_storage_failure(head.error());
      return done(head.error());
    }
    token_epoch_.see(head->token_epoch);
    tally_.commits().last_sequence.set(head->sequence);
    for (const auto& one : shards_) one->post_log_grew();
    const std::string& id = store_.store_id();
    log::info("the store was reset", {{"store_id", id}, {"sequence", head->sequence}});
    done(service::fresh_store{id, *head});
    // Of what was kept is the token that the file had then.
    asio::post(shards_.front()->context(), [this] {
      tokens_.renew([this] {
        if (!stopping_) life_.ready();
      });
    });
  });
  if (!taken) done(error{errc::unavailable, "the server is shutting down"});
}

result<void> runtime::listen(listening_sockets sockets, listening_sockets monitoring) {
  if (options_.admin_directory_fd >= 0) {
    // The store's lock is held, so a socket file that is there has no owner.
    auto admin = listen_unix(options_.admin_directory_fd, "admin.sock");
    if (!admin) return admin.error();
    listen_address address;
    address.path = "admin.sock";
    add_listener({std::move(*admin), address}, surface::admin);
  }
  if (auto made = add_listeners(std::move(sockets), surface::api); !made) return made;
  if (auto made = add_listeners(std::move(monitoring), surface::monitoring); !made) return made;
  if (options_.tls != nullptr) use_tls(options_.tls);
  return {};
}

result<void> runtime::add_listeners(listening_sockets sockets, surface routes) {
  auto opened = sockets.complete();
  if (!opened) return opened.error();
  for (listening_socket& socket : *opened) {
    const listen_address& address = socket.address;
    const bool plain = address.plain || options_.tls == nullptr;
    if (plain && !address.is_unix() && !address.ip.is_loopback()) {
      log::warn(routes == surface::api
                    ? "tokens travel in the clear on this listener"
                    : "metrics and settings are told to whoever can connect to this listener",
                {{"listener", to_text(address)}});
    }
    add_listener(std::move(socket), routes);
  }
  return {};
}

void runtime::add_listener(listening_socket socket, surface routes) {
  listeners_.push_back(std::make_unique<listener>(std::move(socket), routes,
                                                  options_.bounds.accept_backoff, shards_));
}

run_end runtime::run() {
  asio::io_context& main = shards_.front()->context();
  if (watched_) asio::co_spawn(main, await_watched(), never_fails);
  asio::co_spawn(main, watch_surroundings(), never_fails);
  for (const auto& one : listeners_) asio::co_spawn(main, one->run(), never_fails);

  // The first shard runs on this thread, which bears the program's name.
  threads_.reserve(shards_.size());
  commit_thread_ = thread("commit", [this] { queue_.run(); });
  for (std::size_t i = 1; i < shards_.size(); ++i)
    threads_.emplace_back("shard-" + std::to_string(i), [this, i] { shards_[i]->run(); });

  tokens_.keep().value();
  if (options_.may_reset) keep_store();
  keys_.begin().value();
  state_.advance(readiness::ready);
  for (const auto& one : listeners_) {
    if (one->routes() == surface::admin) continue;
    const auto& announce =
        one->routes() == surface::api ? options_.announce : options_.announce_monitoring;
    if (announce) announce(one->address());
  }
  life_.ready();
  shards_.front()->run();
  join_all();
  if (state_.get() == readiness::storage_failed) return run_end::storage_failed;
  // Before the store is closed. After a failure nobody waits: the process ends under it.
  backups_.wait();
  return run_end::drained;
}

void runtime::request_stop() {
  asio::post(shards_.front()->context(), [this] { begin_stop(); });
}

void runtime::request_reload() {
  asio::post(shards_.front()->context(), [this] { reload(); });
}

void runtime::reload() {
  life_.reloading();
  reload_tls();
  keys_.ask_again();
  tokens_.renew([this] {
    if (!stopping_) life_.ready();
  });
}

void runtime::watch(unique_fd file, std::function<void(int fd)> ready) {
  FACTORD_CHECK(!watched_);
  watched_.emplace(shards_.front()->context(), file.get());
  (void)file.release();
  on_watched_ = std::move(ready);
}

awaitable<void> runtime::await_watched() {
  for (;;) {
    std::tuple<boost::system::error_code> ready = co_await watched_->async_wait(
        asio::posix::descriptor_base::wait_read, asio::as_tuple(asio::deferred));
    if (std::get<0>(ready)) co_return;
    on_watched_(watched_->native_handle());
  }
}

// What expires may have lived too long or too short, and whoever operates us should hear of it.
awaitable<void> runtime::watch_surroundings() {
  clock_step_detector clock(clock_reading::take());
  unsigned machines = store_.machines();
  for (;;) {
    co_await pause(life_.interval());
    life_.look(std::chrono::steady_clock::now());
    if (const unsigned before = std::exchange(machines, store_.machines()); before != machines) {
      log::warn("what is answered is durable on another number of machines",
                {{"before", before}, {"machines", machines}});
    }
    const auto step = clock.observe(clock_reading::take());
    if (!step || store_.has_clock()) continue;
    state_.note_clock_step(step->size());
    log::warn("the wall clock stepped: what expires by it ends earlier or later",
              {{"step_ms", std::chrono::floor<milliseconds>(step->size()).count()},
               {"old_offset_ms", std::chrono::floor<milliseconds>(step->before).count()},
               {"new_offset_ms", std::chrono::floor<milliseconds>(step->after).count()}});
  }
}

// Connections that are open keep what they began with.
void runtime::reload_tls() {
  if (options_.tls == nullptr) return log::info("there is no certificate to read again");
  auto fresh = protocol::tls_context::reload(options_.tls->files());
  if (!fresh)
    return log::error("the certificate stays as it was", {{"cause", fresh.error().message}});
  use_tls(std::move(*fresh));
}

void runtime::use_tls(protocol::shared_tls with) {
  // Clients will refuse it, and maybe only their clocks are right: so it is served all the same.
  if (!with->is_in_date(system_now())) {
    log::warn("the certificate is not valid at this time", {{"not_after", with->not_after()}});
  }
  log::info("certificate in use", {{"file", with->files().certificate},
                                   {"not_after", with->not_after()},
                                   {"client_ca", with->files().client_ca}});
  observation_.note(*with);
  for (const auto& one : listeners_) one->encrypt(with);
}

}  // namespace factord::net
