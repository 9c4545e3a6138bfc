#include "storage/commit/commit_batch.hpp"

#include <algorithm>

#include "storage/base/canary.hpp"
#include "storage/base/check.hpp"
#include "storage/model/evolve.hpp"

namespace factord::storage {

namespace {

/// True for an error of a load that says nothing about the store as a whole (engine::load).
bool is_of_reading(const error& failure) {
  return failure.code != errc::storage_failed && failure.code != errc::bad_argument;
}

void finish_all(std::span<command* const> commands, commit_outcome outcome) noexcept {
  for (command* work : commands) work->finish(outcome);
}

}  // namespace

void commit_queue::batch::add(command& work) {
  FACTORD_CHECK(work.shard() < done_.size());
  commands_.push_back(&work);
}

result<void> commit_queue::batch::execute(engine& store, timestamp wall,
                                          const commit_hooks& hooks) {
  bytes_.clear();
  appended_.clear();
  types_.clear();

  commands loaded = commands_;
  auto outcome = load(store, loaded);
  if (!outcome && is_of_reading(outcome.error())) {
    outcome = load_readable(store, hooks);
    loaded = readable_;
  }
  if (outcome) decide(loaded, wall);
  // A batch of refusals changes nothing, so there is nothing to make durable.
  if (outcome && appended_.empty()) store.abandon();
  if (outcome && !appended_.empty()) outcome = commit(store);
  if (!outcome) types_.clear();
  finish_all(loaded, outcome ? commit_outcome::committed : commit_outcome::storage_failed);
  return outcome;
}

result<void> commit_queue::batch::load(engine& store, commands wanted) {
  table_.clear();
  for (const command* work : wanted) work->list_keys(table_);
  auto head = store.load(table_);
  if (!head) return head.error();
  const std::size_t listed = table_.size();
  for (const command* work : wanted) work->list_more_keys(table_);
  if (table_.size() > listed) head = store.load(table_);
  if (!head) return head.error();
  head_ = *head;
  return {};
}

/// Something that the batch needs cannot be read. Who needs it shows when each is loaded alone:
/// those end here, undone, and the others are loaded together.
result<void> commit_queue::batch::load_readable(engine& store, const commit_hooks& hooks) {
  const auto give_up = [&hooks](command& work, const error& cause) {
    work.finish(commit_outcome::load_failed);
    if (hooks.unreadable) hooks.unreadable(cause);
  };
  readable_.clear();
  for (command* work : commands_) {
    const auto alone = load(store, {&work, 1});
    if (!alone && is_of_reading(alone.error())) {
      give_up(*work, alone.error());
    } else {
      readable_.push_back(work);
    }
  }
  if (readable_.empty()) return {};
  auto together = load(store, readable_);
  if (together || !is_of_reading(together.error())) return together;
  // The disk got worse between two looks at the same places.
  for (command* work : readable_) give_up(*work, together.error());
  readable_.clear();
  return {};
}

void commit_queue::batch::decide(commands loaded, timestamp wall) {
  // The wall clock may step back; the log's never does.
  const decision_times at{.wall = wall, .created_at = std::max(wall, head_.created_at)};
  head_.created_at = at.created_at;
  if constexpr (planted(canary::reuse_sequence)) {
    if (head_.sequence % 16 == 15) --head_.sequence;
  }
  if constexpr (planted(canary::forget_overlay)) {
    const state_table before = table_;
    for (command* work : loaded) work->decide(before, at, *this);
    return;
  }
  for (command* work : loaded) {
    work->decide(table_, at, *this);
    FACTORD_CHECK(!record_given_);
  }
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
  finish_all(commands_, outcome);
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
