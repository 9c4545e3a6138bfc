#include "bench/micro/small_server.hpp"

#include <algorithm>
#include <utility>

#include "bench/micro/sample.hpp"
#include "server/service/secrets.hpp"
#include "storage/base/check.hpp"
#include "storage/commit/seed_users.hpp"

namespace factord::bench {

small_server::small_server(std::uint64_t users)
    : queue_(store_, {}, make_hooks(), 1),
      environment_{store_,
                   queue_,
                   token_epoch_,
                   tally_,
                   system_now,
                   std::chrono::steady_clock::now,
                   service::draw_secure_random,
                   system_now(),
                   [](const std::function<void()>& task) { task(); },
                   [this](service::call& pending) { done_.push_back(&pending); }},
      users_(environment_),
      date_(system_now()),
      api_({bounds_, state_, store_.mode(), {}}),
      shared_{bounds_, date_, api_, users_, calls_},
      user_count_(users) {
  state_.advance(readiness::ready);
  const auto ids = id_range::make(first_id, users).value();
  storage::seed_users(store_, ids, std::string(org), [](std::uint64_t) {}).value();

  service::call& pending = calls_.acquire();
  pending.op = service::operation::create_token;
  pending.in.user_id = "operator";
  pending.in.roles.add(service::role::iam_owner);
  trusted(pending);
  token_ = pending.out.token;
  calls_.release(pending);
}

storage::commit_hooks small_server::make_hooks() {
  storage::commit_hooks hooks;
  hooks.committed = [this](std::span<const storage::event_type> types) { tally_.committed(types); };
  hooks.tokens_changed = [this](std::uint64_t epoch) { token_epoch_.see(epoch); };
  hooks.complete = [this](std::uint32_t, std::span<storage::command* const> done) {
    for (storage::command* pending : done) done_.push_back(static_cast<service::call*>(pending));
  };
  return hooks;
}

// Runs a call of nobody's connection, as the admin socket's are run.
void small_server::trusted(service::call& pending) {
  pending.who.trusted = true;
  users_.start(pending);
  while (queue_.run_batch(system_now())) {
  }
  FACTORD_CHECK(done_.size() == 1 && done_.front() == &pending);
  done_.clear();
}

protocol::session& small_server::connect() {
  const service::ticket ticket{0, static_cast<std::uint32_t>(sessions_.size()), 1};
  return *sessions_.emplace_back(
      std::make_unique<protocol::session>(shared_, protocol::surface::api, ticket));
}

void small_server::commit_waiting() {
  while (queue_.run_batch(system_now())) {
  }
  answer_all();
}

void small_server::answer_all() {
  for (service::call* pending : done_) sessions_[pending->way_back.slot]->complete(*pending);
  done_.clear();
}

void small_server::restore_factors() {
  scattered_users users{user_count_};
  for (std::uint64_t i = 0; i < user_count_; ++i) {
    service::call& pending = calls_.acquire();
    pending.op = service::operation::add_otp_email;
    pending.in.user_id = users.next();
    trusted(pending);
    calls_.release(pending);
  }
}

}  // namespace factord::bench
