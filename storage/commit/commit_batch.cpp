#include "storage/commit/commit_batch.hpp"

#include <algorithm>
#include <utility>

#include "storage/base/canary.hpp"
#include "storage/base/check.hpp"
#include "storage/model/evolve.hpp"
#include "storage/model/keys.hpp"
#include "storage/model/retries.hpp"

namespace factord::storage {

namespace {

/// True for an error of a load that says nothing about the store as a whole (engine::load).
bool is_of_reading(const error& failure) {
  return failure.code != errc::storage_failed && failure.code != errc::bad_argument &&
         failure.code != errc::unavailable;
}

void finish_all(std::span<command* const> commands, commit_outcome outcome) noexcept {
  for (command* one : commands) one->finish(outcome);
}

void note_times(std::span<command* const> commands, retry_rules::steady::time_point taken_at,
                retry_rules::steady::time_point ended_at) noexcept {
  for (command* one : commands) {
    one->taken_at = taken_at;
    one->ended_at = ended_at;
  }
}

/// True where nothing was done, and the next attempt may fare better.
bool was_refused(const result<commit_status>& tried) {
  return tried && (*tried == commit_status::conflict || *tried == commit_status::unavailable);
}

commit_outcome outcome_of(const result<commit_status>& tried) {
  if (!tried) return commit_outcome::storage_failed;
  if (*tried == commit_status::committed) return commit_outcome::committed;
  return was_refused(tried) ? commit_outcome::unavailable : commit_outcome::unknown;
}

/// What has passed since it was made, or asked before.
class lap_timer {
 public:
  explicit lap_timer(const retry_rules& rules) : rules_(rules), last_(rules.time()) {}

  [[nodiscard]] batch_report::duration next() {
    const auto before = std::exchange(last_, rules_.time());
    return last_ - before;
  }

 private:
  const retry_rules& rules_;
  retry_rules::steady::time_point last_;
};

}  // namespace

void commit_queue::batch::add(command& one) {
  FACTORD_CHECK(one.shard() < done_.size());
  commands_.push_back(&one);
}

result<commit_status> commit_queue::batch::execute(timestamp wall) {
  undecided_.assign(commands_.begin(), commands_.end());
  report_ = {};
  report_.commands = commands_.size();
  const auto taken_at = retries_.time();
  const auto asked_at = commands_.front()->asked_at;
  if (asked_at != decltype(asked_at){}) report_.queue = taken_at - asked_at;
  backoff pauses{retries_};
  auto tried = attempt(wall);
  while (was_refused(tried) && pauses.again()) tried = attempt(wall);

  const commit_outcome outcome = outcome_of(tried);
  // Not between attempts: what is decided again on the same states names the same.
  if (outcome == commit_outcome::committed && table_.retries_wanted() > 0)
    retries_seen_ = places_of_retries(table_);
  if (outcome != commit_outcome::committed) types_.clear();
  finish_all(undecided_, outcome);
  note_times(commands_, taken_at, retries_.time());
  const bool told = tried && *tried != commit_status::committed;
  if (told && hooks_.refused) hooks_.refused(*tried, *refusal_);
  return tried;
}

result<bool> commit_queue::batch::probe() {
  table_.clear();
  const auto head = store_.load(table_);
  if (head) {
    store_.abandon();
    return store_.confirm().has_value();
  }
  if (is_of_reading(head.error())) return true;
  if (head.error().code == errc::unavailable) return false;
  return head.error();
}

/// Once through: what an earlier attempt has left counts no more.
result<commit_status> commit_queue::batch::attempt(timestamp wall) {
  bytes_.clear();
  appended_.clear();
  types_.clear();

  lap_timer laps{retries_};
  auto loaded = load(undecided_, look::with_old_retries);
  if (!loaded && is_of_reading(loaded.error())) loaded = load_readable();
  report_.load += laps.next();
  if (!loaded) {
    if (loaded.error().code != errc::unavailable) return loaded.error();
    refusal_ = loaded.error();
    return commit_status::unavailable;
  }
  report_.sequence = head_.sequence;
  expect_following();
  decide(wall);
  report_.decide += laps.next();
  auto ended = appended_.empty() ? confirm() : commit();
  const auto written = laps.next();
  report_.write += written;
  if (appended_.empty() || !ended || *ended != commit_status::committed) return ended;
  report_.sequence = head_.sequence;
  if (store_.mode() == durability::disk) report_.sync = store_.last_sync().value_or(written);
  return ended;
}

/// A batch of refusals changes nothing, so there is nothing to make durable: but whoever is refused
/// is so by what was the newest.
result<commit_status> commit_queue::batch::confirm() {
  if (!planted(canary::forgotten_abandon)) store_.abandon();
  if (const auto newest = store_.confirm(); !newest) {
    refusal_ = newest.error();
    return commit_status::unavailable;
  }
  return commit_status::committed;
}

result<void> commit_queue::batch::load(std::span<command* const> wanted, look how) {
  table_.clear();
  for (const command* one : wanted) one->list_keys(table_);
  // By the queue as it was seen last, so that they cost no look of their own.
  if (how == look::with_old_retries) list_oldest_retries(retries_seen_, table_);
  // More keys are another look, by a head that may be newer, and name more again. Mostly there are
  // none.
  for (std::size_t listed = table_.size() + 1; table_.size() != listed;) {
    const auto head = store_.load(table_);
    if (!head) return head.error();
    head_ = *head;
    listed = table_.size();
    for (const command* one : wanted) one->list_more_keys(table_, head_);
  }
  return {};
}

/// Something that the batch needs cannot be read. Who needs it shows when each is loaded alone:
/// those end here, undone, and the others are loaded together.
result<void> commit_queue::batch::load_readable() {
  std::optional<error> refused;
  const auto give_up = [this](command& one, const error& cause) {
    one.finish(commit_outcome::load_failed);
    if (hooks_.unreadable) hooks_.unreadable(cause);
  };
  std::erase_if(undecided_, [&](command* one) {
    if (refused) return false;
    const auto alone = load({&one, 1}, look::plain);
    if (alone) return false;
    if (is_of_reading(alone.error())) {
      give_up(*one, alone.error());
      return true;
    }
    refused = alone.error();
    return false;
  });
  if (refused) return *std::move(refused);
  if (undecided_.empty()) return {};
  auto together = load(undecided_, look::plain);
  if (together || !is_of_reading(together.error())) return together;
  // The disk got worse between two looks at the same places.
  for (command* one : undecided_) give_up(*one, together.error());
  undecided_.clear();
  return {};
}

void commit_queue::batch::decide(timestamp wall) {
  // Processes that share a store have its clock in common. It may step back; the log's never does.
  const timestamp now = head_.read_at.value_or(wall);
  const decision_times at{
      .wall = now, .created_at = std::max(now, head_.created_at), .token_epoch = head_.token_epoch};
  head_.created_at = at.created_at;
  if (planted(canary::reuse_sequence)) {
    if (head_.sequence % 16 == 15) --head_.sequence;
  }
  if (planted(canary::forget_overlay)) {
    const state_table before = table_;
    for (command* one : undecided_) one->decide(before, at, *this);
    return;
  }
  for (command* one : undecided_) {
    one->decide(table_, at, *this);
    FACTORD_CHECK(!record_given_);
  }
}

void commit_queue::batch::expect_following() {
  expected_.clear();
  for (const command* one : following_) one->list_keys(expected_);
  if (!following_.empty()) store_.expect(expected_);
}

result<commit_status> commit_queue::batch::commit() {
  events_.clear();
  const std::string_view bytes = bytes_;
  for (const appended& event : appended_) {
    events_.push_back({.sequence = event.sequence,
                       .user_id = bytes.substr(event.begin + event.value_size, event.user_size),
                       .value = bytes.substr(event.begin, event.value_size),
                       .affects_tokens = event.affects_tokens,
                       .within_org = event.within_org});
  }
  const auto ended = store_.commit(table_, events_);
  if (ended && *ended == commit_status::committed) {
    head_.token_epoch = token_epoch_after(head_.token_epoch, events_);
  } else if (ended && *ended == commit_status::conflict) {
    refusal_ = error{errc::unavailable, "others have committed in between, each time"};
  } else if (ended && *ended == commit_status::unavailable) {
    refusal_ = error{errc::unavailable, "the store takes no writes now"};
  } else if (ended) {
    refusal_ = error{errc::unavailable, "the store did not say whether it took a batch"};
  }
  return ended;
}

void commit_queue::batch::finish(commit_outcome outcome) noexcept {
  finish_all(commands_, outcome);
}

void commit_queue::batch::complete() {
  if (planted(canary::lose_completion)) {
    if (commands_.size() > 2) commands_.pop_back();
  }
  for (command* one : commands_) done_[one->shard()].push_back(one);
  commands_.clear();
  following_.clear();
  for (std::uint32_t shard = 0; shard < done_.size(); ++shard) {
    if (done_[shard].empty()) continue;
    // From here on the commands are their owners' again.
    if (hooks_.complete) hooks_.complete(shard, done_[shard]);
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
                       .user_size = record_.user_id().size(),
                       .affects_tokens = affects_tokens(type),
                       .within_org = record_.private_part().within_org()});
  types_.push_back(type);
  evolve(record_, table_);
  evolve_retries(record_, head_.sequence, table_);
  if (table_.wants_last_events() && !planted(canary::match_before_decision)) {
    set_last_event_key(key_, record_.user_id());
    table_.follow(key_, head_.sequence);
  }
  return head_.sequence;
}

}  // namespace factord::storage
