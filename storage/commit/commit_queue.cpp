#include "storage/commit/commit_queue.hpp"

#include <algorithm>
#include <utility>

#include "storage/base/check.hpp"
#include "storage/commit/commit_batch.hpp"

namespace factord::storage {

namespace {

/// What a failing machine may lose of mode `process`, at most.
constexpr std::chrono::milliseconds sync_interval{100};

/// Of what waits a batch takes half (engine::halves_batches), but at least this many commands.
/// Clients that are answered together come back together: with all of them in one batch, the commit
/// thread, the shards and the clients would wait for each other in turn. Below it, syncs would cost
/// more than waiting does.
constexpr std::size_t undivided_batch = 12;

/// Commands of bulks in one batch, where others wait for it or have of late: a third of a
/// millisecond's.
constexpr std::size_t bulk_beside_others = 64;

}  // namespace

commit_queue::commit_queue(engine& store, commit_limits limits, commit_hooks hooks,
                           std::uint32_t shards, retry_rules retries)
    : store_(store),
      limits_(limits),
      hooks_(std::move(hooks)),
      retries_(std::move(retries)),
      singles_(limits.queue_commands),
      bulk_(limits.queue_commands),
      batch_(std::make_unique<batch>(store_, hooks_, retries_, shards)) {
  FACTORD_CHECK(limits.queue_commands > 0 && limits.batch_commands > 0);
  store_.on_background_failure([this](const error& failure) { report_failure(failure); });
}

commit_queue::~commit_queue() { store_.on_background_failure({}); }

submit_status commit_queue::submit(command& one, lane on) {
  const std::size_t bytes = one.size_bytes();
  bool wake = false;
  {
    const std::lock_guard lock{mutex_};
    if (closed_) return submit_status::closed;
    // Under the mutex, so that nothing is queued behind the failure that the commit thread saw.
    if (failed_.load(std::memory_order_relaxed)) return submit_status::failed;
    if (count_ == limits_.queue_commands) return submit_status::full;
    if (bytes > limits_.queue_bytes - waiting_bytes_) return submit_status::full;
    (on == lane::single ? singles_ : bulk_).push({&one, bytes});
    ++count_;
    waiting_bytes_ += bytes;
    // Only the first of a burst pays for the wake-up.
    wake = std::exchange(asleep_, false);
  }
  if (wake) wake_.notify_one();
  return submit_status::accepted;
}

/// Moves what is waiting into the batch, within its bounds; false where nothing was.
bool commit_queue::take_batch() {
  const std::lock_guard lock{mutex_};
  taken_ = taken_bytes_ = 0;
  const bool shared = singles_.size() > 0;
  const std::size_t kept = std::min({bulk_.size(), bulk_beside_others, limits_.batch_commands / 2});
  take_from(singles_, limits_.batch_commands - kept);
  take_from(bulk_, shared || shared_ ? bulk_beside_others : limits_.batch_commands);
  if (!shared && !shared_) name_following();
  shared_ = shared;
  count_ -= taken_;
  waiting_bytes_ -= taken_bytes_;
  return taken_ > 0;
}

/// The share of a line that is a batch's, and no more than `most`. One command always fits.
void commit_queue::take_from(waiting_line& from, std::size_t most) {
  const std::size_t half = std::max(undivided_batch, (from.size() + 1) / 2);
  const std::size_t share = store_.halves_batches() ? half : from.size();
  const std::size_t room = limits_.batch_commands - taken_;
  for (std::size_t left = std::min({from.size(), share, room, most}); left > 0; --left) {
    const auto [next, bytes] = from.front();
    const bool fits =
        taken_bytes_ <= limits_.batch_bytes && bytes <= limits_.batch_bytes - taken_bytes_;
    if (taken_ > 0 && !fits) return;
    batch_->add(*next);
    from.pop();
    taken_bytes_ += bytes;
    ++taken_;
  }
}

/// Of a bulk that nobody else waits beside, the next batch has what waits now.
void commit_queue::name_following() {
  for (std::size_t i = 0; i < std::min(bulk_.size(), limits_.batch_commands); ++i)
    batch_->expect(*bulk_.behind(i).waits);
}

/// Any thread: the commit thread does the rest.
void commit_queue::report_failure(const error& failure) {
  bool wake = false;
  {
    const std::lock_guard lock{mutex_};
    reported_failure_ = failure;
    wake = std::exchange(asleep_, false);
  }
  if (wake) wake_.notify_one();
}

bool commit_queue::between_batches(std::function<void()> job) {
  bool wake = false;
  {
    const std::lock_guard lock{mutex_};
    if (closed_) return false;
    jobs_.push_back(std::move(job));
    wake = std::exchange(asleep_, false);
  }
  if (wake) wake_.notify_one();
  return true;
}

/// What other threads have left for this one.
void commit_queue::heed_others() {
  std::optional<error> reported;
  std::vector<std::function<void()>> jobs;
  {
    const std::lock_guard lock{mutex_};
    reported = std::exchange(reported_failure_, std::nullopt);
    jobs.swap(jobs_);
  }
  // A batch that failed is where it was heard of first.
  if (reported && !failed()) fail(*reported);
  for (const auto& job : jobs) job();
}

bool commit_queue::run_batch(timestamp wall) {
  heed_others();
  if (!take_batch()) return false;
  if (failed()) {
    batch_->finish(commit_outcome::storage_failed);
    batch_->complete();
    return true;
  }

  const auto outcome = batch_->execute(wall);
  if (hooks_.measured) hooks_.measured(batch_->report());
  if (!outcome) {
    fail(outcome.error());
    return true;
  }
  // Of others that are faster, a store is not the less available.
  if (*outcome != commit_status::conflict) note_availability(*outcome == commit_status::committed);
  // Before the completions: once a revocation is answered, nothing older is believed of a token.
  const std::uint64_t epoch = batch_->token_epoch();
  if (std::exchange(token_epoch_, epoch) != epoch && hooks_.tokens_changed) {
    hooks_.tokens_changed(epoch);
  }
  if (!batch_->types().empty()) {
    if (store_.mode() == durability::process && !sync_due_) {
      sync_due_ = steady::now() + sync_interval;
    }
    if (hooks_.committed) hooks_.committed(batch_->types());
  }
  batch_->complete();
  return true;
}

void commit_queue::fail(const error& failure) {
  {
    const std::lock_guard lock{mutex_};
    failed_.store(true, std::memory_order_release);
  }
  sync_due_.reset();
  probe_due_.reset();
  if (hooks_.failed) hooks_.failed(failure);
  batch_->complete();
}

void commit_queue::run() {
  while (wait_for_work()) {
    steps_.fetch_add(1, std::memory_order_relaxed);
    run_batch(system_now());
    sync_if_due();
    probe_if_due();
    steps_.fetch_add(1, std::memory_order_relaxed);
  }
  if (!sync_due_) return;
  // The last of mode `process`: what a clean end may not lose.
  sync_due_ = steady::now();
  sync_if_due();
}

/// Sleeps until there is work or something to sync. False once closed and empty.
bool commit_queue::wait_for_work() {
  std::unique_lock lock{mutex_};
  const auto ready = [this] {
    return count_ > 0 || closed_ || reported_failure_ || !jobs_.empty();
  };
  while (!ready()) {
    asleep_ = true;
    const auto due = next_due();
    if (!due) {
      wake_.wait(lock);
    } else if (wake_.wait_until(lock, *due) == std::cv_status::timeout) {
      break;
    }
  }
  asleep_ = false;
  return count_ > 0 || !jobs_.empty() || !closed_;
}

void commit_queue::sync_if_due() {
  if (!sync_due_ || steady::now() < *sync_due_) return;
  sync_due_.reset();
  const auto began = steady::now();
  if (const auto synced = store_.sync(); !synced) return fail(synced.error());
  if (hooks_.synced) hooks_.synced(steady::now() - began);
}

void commit_queue::note_availability(bool available) {
  if (!available) {
    probe_due_ = steady::now() + retries_.probe_interval;
  } else if (std::exchange(probe_due_, std::nullopt) && hooks_.available) {
    hooks_.available();
  }
}

void commit_queue::probe_if_due() {
  if (!probe_due_ || failed() || steady::now() < *probe_due_) return;
  const auto available = batch_->probe();
  if (!available) return fail(available.error());
  note_availability(*available);
}

std::optional<commit_queue::steady::time_point> commit_queue::next_due() const {
  if (sync_due_ && probe_due_) return std::min(*sync_due_, *probe_due_);
  return sync_due_ ? sync_due_ : probe_due_;
}

void commit_queue::close() {
  {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    asleep_ = false;
  }
  wake_.notify_one();
}

std::size_t commit_queue::waiting() const {
  const std::lock_guard lock{mutex_};
  return count_;
}

queue_progress commit_queue::progress() const {
  const std::uint64_t steps = steps_.load(std::memory_order_relaxed);
  return {steps, steps % 2 != 0 || waiting() > 0};
}

bool commit_queue::failed() const noexcept { return failed_.load(std::memory_order_acquire); }

}  // namespace factord::storage
