#include "tests/unit/storage/engine/engines.hpp"

#include <stdexcept>
#include <utility>

namespace factord::storage::testing {

store_on_disk::store_on_disk(durability mode) {
  options.mode = mode;
  options.notice = [this](std::string_view text) { notices.emplace_back(text); };
  if (const auto failure = open()) throw std::runtime_error{failure->message};
}

void store_on_disk::close() {
  store_.reset();
  lock_.reset();
}

std::optional<error> store_on_disk::open() {
  close();
  notices.clear();
  auto lock = directory_lock::take(dir());
  if (!lock) return lock.error();
  lock_.emplace(*std::move(lock));
  return keep(open_store(dir(), *lock_, options));
}

std::optional<error> store_on_disk::open_read_only() {
  close();
  notices.clear();
  auto lock = directory_lock::take(dir());
  if (!lock) return lock.error();
  lock_.emplace(*std::move(lock));
  return keep(open_store_read_only(dir(), *lock_, options));
}

}  // namespace factord::storage::testing
