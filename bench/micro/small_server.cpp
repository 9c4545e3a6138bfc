#include "bench/micro/small_server.hpp"

#include <algorithm>
#include <utility>

#include "bench/micro/sample.hpp"
#include "server/service/secrets.hpp"
#include "storage/base/check.hpp"
#include "tools/factorctl/seed_users.hpp"

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
                   [this](service::call& work) { done_.push_back(&work); }},
      users_(environment_),
      date_(system_now()),
      api_({bounds_, state_, store_.mode(), {}}),
      shared_{bounds_, date_, api_, users_, calls_},
      user_count_(users) {
  state_.advance(readiness::ready);
  const auto ids = tools::id_range::make(first_id, users).value();
  ctl::seed_users(store_, ids, std::string(org), [](std::uint64_t) {}).value();

  service::call& work = calls_.acquire();
  work.op = service::operation::create_token;
  work.in.user_id = "operator";
  work.in.roles.add(service::role::iam_owner);
  trusted(work);
  token_ = work.out.token;
  calls_.release(work);
}

storage::commit_hooks small_server::make_hooks() {
  storage::commit_hooks hooks;
  hooks.committed = [this](std::span<const storage::event_type> types) { tally_.committed(types); };
  hooks.tokens_changed = [this](std::uint64_t epoch) { token_epoch_.see(epoch); };
  hooks.complete = [this](std::uint32_t, std::span<storage::command* const> done) {
    for (storage::command* work : done) done_.push_back(static_cast<service::call*>(work));
  };
  return hooks;
}

// Runs a call of nobody's connection, as the admin socket's are run.
void small_server::trusted(service::call& work) {
  work.who.trusted = true;
  users_.start(work);
  while (queue_.run_batch(system_now())) {
  }
  FACTORD_CHECK(done_.size() == 1 && done_.front() == &work);
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
  for (service::call* work : done_) sessions_[work->way_back.slot]->complete(*work);
  done_.clear();
}

void small_server::restore_factors() {
  scattered_users users{user_count_};
  for (std::uint64_t i = 0; i < user_count_; ++i) {
    service::call& work = calls_.acquire();
    work.op = service::operation::add_otp_email;
    work.in.user_id = users.next();
    trusted(work);
    calls_.release(work);
  }
}

}  // namespace factord::bench
