#include "storage/commit_batch.hpp"

#include <algorithm>

#include "storage/base/canary.hpp"
#include "storage/base/check.hpp"
#include "storage/evolve.hpp"

namespace factord::storage {

void commit_queue::batch::add(command& work) {
  FACTORD_CHECK(work.shard() < done_.size());
  commands_.push_back(&work);
}

result<void> commit_queue::batch::execute(engine& store, timestamp now) {
  table_.clear();
  bytes_.clear();
  appended_.clear();
  types_.clear();

  auto outcome = load_and_decide(store, now);
  // A batch of refusals changes nothing, so there is nothing to make durable.
  if (outcome && !appended_.empty()) outcome = commit(store);
  if (!outcome) types_.clear();
  finish(outcome ? commit_outcome::committed : commit_outcome::storage_failed);
  return outcome;
}

result<void> commit_queue::batch::load_and_decide(engine& store, timestamp now) {
  for (const command* work : commands_) work->list_keys(table_);
  const auto head = store.load(table_);
  if (!head) return head.error();

  head_ = *head;
  // The clock of the machine may step back; the log's never does.
  head_.created_at = std::max(now, head_.created_at);
  if constexpr (planted(canary::reuse_sequence)) {
    if (head_.sequence % 16 == 15) --head_.sequence;
  }
  if constexpr (planted(canary::forget_overlay)) {
    const state_table loaded = table_;
    for (command* work : commands_) work->decide(loaded, head_.created_at, *this);
    return {};
  }
  for (command* work : commands_) {
    work->decide(table_, head_.created_at, *this);
    FACTORD_CHECK(!record_given_);
  }
  return {};
}

result<void> commit_queue::batch::commit(engine& store) {
  events_.clear();
  const std::string_view bytes = bytes_;
  for (const appended& event : appended_) {
    events_.push_back({.sequence = event.sequence,
                       .user_id = bytes.substr(event.begin + event.value_size, event.user_size),
                       .value = bytes.substr(event.begin, event.value_size)});
  }
  return store.commit(table_, events_);
}

void commit_queue::batch::finish(commit_outcome outcome) noexcept {
  for (command* work : commands_) work->finish(outcome);
}

void commit_queue::batch::complete(const commit_hooks& hooks) {
  if constexpr (planted(canary::lose_completion)) {
    if (commands_.size() > 2) commands_.pop_back();
  }
  for (command* work : commands_) done_[work->shard()].push_back(work);
  commands_.clear();
  for (std::uint32_t shard = 0; shard < done_.size(); ++shard) {
    if (done_[shard].empty()) continue;
    // From here on the commands are their owners' again.
    if (hooks.complete) hooks.complete(shard, done_[shard]);
    done_[shard].clear();
  }
}

event_record& commit_queue::batch::blank() {
  FACTORD_CHECK(!record_given_);
  record_given_ = true;
  record_.Clear();
  return record_;
}

std::uint64_t commit_queue::batch::append() {
  FACTORD_CHECK(record_given_);
  record_given_ = false;
  const auto type = static_cast<event_type>(record_.type());
  FACTORD_CHECK(!name(type).empty());
  FACTORD_CHECK(!record_.user_id().empty());
  record_.set_created_at(to_micros(head_.created_at));

  const std::size_t begin = bytes_.size();
  const std::size_t record_size = record_.ByteSizeLong();
  const std::size_t record_begin = begin + head_.hash.size();
  bytes_.resize(record_begin + record_size);
  record_.SerializeWithCachedSizesToArray(
      reinterpret_cast<std::uint8_t*>(bytes_.data() + record_begin));

  ++head_.sequence;
  head_.hash = hash_.link(head_.hash, head_.sequence,
                          std::string_view{bytes_}.substr(record_begin, record_size));
  std::copy(head_.hash.begin(), head_.hash.end(),
            bytes_.begin() + static_cast<std::ptrdiff_t>(begin));
  bytes_ += record_.user_id();

  appended_.push_back({.sequence = head_.sequence,
                       .begin = begin,
                       .value_size = head_.hash.size() + record_size,
                       .user_size = record_.user_id().size()});
  types_.push_back(type);
  evolve(record_, table_);
  return head_.sequence;
}

}  // namespace factord::storage
