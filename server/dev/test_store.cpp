#include "server/dev/test_store.hpp"

#include "server/service/call.hpp"
#include "server/service/secrets.hpp"
#include "storage/base/clock.hpp"
#include "storage/commit/single_commits.hpp"
#include "storage/engine/memory_engine.hpp"
#include "storage/engine/store_id.hpp"
#include "storage/model/hash_chain.hpp"

namespace factord::dev {
namespace {

void ask_for_token(service::call& asked) {
  asked.op = service::operation::create_token;
  asked.who.trusted = true;
  asked.who.user_id = service::system_user;
  asked.in.user_id = test_subject;
  asked.in.roles.add(service::role::iam_owner);
  for (std::string& id : asked.draws.ids) id = service::draw_id(service::draw_secure_random);
  asked.draws.token = service::draw_token(service::draw_secure_random);
  asked.draws.token_hash = storage::sha256{}.of(asked.draws.token);
}

result<std::string> make_token(storage::engine& store) {
  service::call asked(0);
  ask_for_token(asked);
  storage::single_commits commits(store);
  if (const auto done = commits.commit(asked, system_now()); !done) return done.error();
  if (asked.out.code != service::status_code::ok)
    return error{errc::storage_failed, asked.out.message};
  return asked.out.token;
}

}  // namespace

std::unique_ptr<storage::engine> make_memory_store() {
  auto store = std::make_unique<storage::memory_engine>(storage::draw_store_id(),
                                                        storage::durability::memory);
  store->walk_apart();
  return store;
}

result<std::string> fill_test_store(storage::engine& store, std::uint64_t users,
                                    const storage::seed_progress& progress) {
  const auto ids = id_range::make(storage::first_seed_id, users);
  if (!ids) return ids.error();
  const std::string org(test_org);
  const auto seeded = storage::seed_users(store, *ids, org, progress);
  if (!seeded) return seeded.error();
  return make_token(store);
}

}  // namespace factord::dev
