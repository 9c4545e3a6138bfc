#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "bench/micro/sample.hpp"
#include "bench/micro/store_directory.hpp"
#include "server/protocol/messages/endpoint.hpp"
#include "server/service/call_pool.hpp"
#include "server/service/secrets.hpp"
#include "server/service/user_service.hpp"
#include "storage/base/check.hpp"
#include "storage/commit/single_commits.hpp"
#include "storage/model/event.hpp"
#include "tools/common/number.hpp"

namespace factord::bench {
namespace {

using steady = std::chrono::steady_clock;

// Each makes two entries in the memtable of states, and one event of the same user.
std::uint64_t token_count() {
  constexpr std::uint64_t few = 10'000;
  const char* const asked = std::getenv("FACTORD_BENCH_TOKENS");
  return asked == nullptr ? few : tools::parse_number(asked).value_or(few);
}

// All of it stays in memory.
constexpr std::size_t memtable_bytes = 512U << 20U;
constexpr std::size_t page_size = 1'000;

/// Makes tokens, without drawing their secrets.
class add_tokens final : public storage::command {
 public:
  void more(std::uint64_t count) { wanted_ += count; }

  void list_keys(storage::state_table&) const override {}
  void decide(const storage::state_table&, const storage::decision_times&,
              storage::event_sink& events) override {
    for (; made_ < wanted_; ++made_) {
      storage::event_record& event = events.blank();
      event.set_type(static_cast<std::uint32_t>(storage::event_type::token_added));
      event.set_user_id("operator");
      event.mutable_payload()->set_token_id(std::to_string(first_id_ + made_ * 7919));
      event.mutable_payload()->add_roles("IAM_OWNER");
      event.mutable_private_part()->mutable_token_hash()->assign(
          storage::as_bytes(hasher_.of(event.payload().token_id())));
      events.append();
    }
  }
  void finish(storage::commit_outcome) noexcept override {}
  std::size_t size_bytes() const noexcept override { return sizeof(*this); }

 private:
  static constexpr std::uint64_t first_id_ = 100'000'000'000'000'000;
  storage::sha256 hasher_;
  std::uint64_t made_ = 0;
  std::uint64_t wanted_ = 0;
};

/// A shard, as far as it answers reads: what runs on it, and for how long that holds it.
class shard {
 public:
  void run_here(std::function<void()> task) {
    const std::lock_guard lock{mutex_};
    tasks_.push_back(std::move(task));
    changed_.notify_all();
  }

  /// Runs on the shard, now.
  void hold(const std::function<void()>& work) {
    const auto start = steady::now();
    work();
    held_ += steady::now() - start;
  }

  /// Waits for the next task and runs it.
  void run_next() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return !tasks_.empty(); });
    const auto task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    hold(task);
  }

  [[nodiscard]] steady::duration take_held() { return std::exchange(held_, {}); }

 private:
  steady::duration held_{};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;  ///< guarded by mutex_
};

/// The reading half of a server on RocksDB, with many tokens in its memtables.
class reading_server {
 public:
  reading_server()
      : store_(directory_.open(storage::durability::process, memtable_bytes)),
        commits_(*store_),
        queue_(*store_, {}, {}, 1),
        users_(service::environment{
            *store_, queue_, token_epoch_, tally_, system_now, steady::now,
            service::draw_secure_random, system_now(),
            [this](std::function<void()> task) { shard_.run_here(std::move(task)); },
            [this](service::call& done) { answered_ = &done; }}) {
    for (std::uint64_t made = 0; made < token_count(); made += page_size) write(page_size);
  }
  ~reading_server() { store_->stop(); }

  void write(std::uint64_t tokens) {
    adding_.more(tokens);
    commits_.commit(adding_, system_now()).value();
  }

  /// Asks, and renders the answer as the connection would. How long the shard was held.
  steady::duration ask(service::call& work) {
    work.who.trusted = true;
    answered_ = nullptr;
    shard_.hold([&] { users_.start(work); });
    while (answered_ == nullptr) shard_.run_next();
    FACTORD_CHECK(work.out.code == service::status_code::ok);
    shard_.hold([&] { protocol::endpoint_of(work.op).write_json(work.out, body_); });
    body_.clear();
    return shard_.take_held();
  }

  [[nodiscard]] service::call_pool& calls() noexcept { return calls_; }

 private:
  store_directory directory_;
  std::unique_ptr<storage::engine> store_;
  storage::single_commits commits_;
  storage::commit_queue queue_;
  service::newest_token_epoch token_epoch_;
  service::counters tally_;
  service::call_pool calls_{0};
  shard shard_;
  service::user_service users_;
  add_tokens adding_;
  service::call* answered_ = nullptr;
  std::string body_;
};

using service::operation;

// How long one page holds the shard that asks for it, after a write, which spoils what the last
// page has sorted. `worst_ms` is the longest, `answer_ms` how long the client waits.
void page_holds_shard(benchmark::State& state, operation op, std::string_view user) {
  reading_server server;
  steady::duration waited{};
  steady::duration worst{};
  for (auto _ : state) {
    server.write(1);
    service::call& work = server.calls().acquire();
    work.op = op;
    work.in.user_id = user;
    work.in.limit = page_size;
    const auto start = steady::now();
    const auto held = server.ask(work);
    waited += steady::now() - start;
    worst = std::max(worst, held);
    state.SetIterationTime(std::chrono::duration<double>(held).count());
    server.calls().release(work);
  }
  state.counters["worst_ms"] = std::chrono::duration<double, std::milli>(worst).count();
  state.counters["answer_ms"] =
      benchmark::Counter(std::chrono::duration<double, std::milli>(waited).count(),
                         benchmark::Counter::kAvgIterations);
}
BENCHMARK_CAPTURE(page_holds_shard, tokens, operation::list_tokens, "")
    ->UseManualTime()
    ->Iterations(50)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(page_holds_shard, events, operation::list_events, "")
    ->UseManualTime()
    ->Iterations(50)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(page_holds_shard, events_of_a_user, operation::list_events, "operator")
    ->UseManualTime()
    ->Iterations(50)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace factord::bench
