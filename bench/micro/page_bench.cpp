#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "bench/micro/sample.hpp"
#include "bench/micro/store_directory.hpp"
#include "server/protocol/http1/codec.hpp"
#include "server/protocol/messages/endpoint.hpp"
#include "server/protocol/wire/date_clock.hpp"
#include "server/service/call_pool.hpp"
#include "server/service/secrets.hpp"
#include "server/service/user_service.hpp"
#include "storage/base/check.hpp"
#include "storage/commit/single_commits.hpp"
#include "storage/engine/wait_for.hpp"
#include "storage/model/event.hpp"
#include "storage/model/evolve.hpp"
#include "tools/common/number.hpp"

namespace factord::bench {
namespace {

using steady = std::chrono::steady_clock;

// How many records there are: each makes two entries in the memtable of states, and one event.
std::uint64_t record_count() {
  constexpr std::uint64_t few = 10'000;
  const char* const asked = std::getenv("FACTORD_BENCH_TOKENS");
  return asked == nullptr ? few : tools::parse_number(asked).value_or(few);
}

/// What a page is made of.
struct sample {
  storage::event_type type;
  std::string_view letter;  ///< of which ids and names have as many as they may; none: as usual
};
constexpr std::size_t letters_max = 200;

// All of it stays in memory.
constexpr std::size_t memtable_bytes = 512U << 20U;
constexpr std::size_t page_size = 1'000;

/// Makes tokens or users, without drawing secrets.
class add_records final : public storage::command {
 public:
  explicit add_records(const sample& what) : what_(what) {
    for (std::size_t i = 0; !what.letter.empty() && i < letters_max; ++i) text_ += what.letter;
  }

  void more(std::uint64_t count) { wanted_ += count; }

  void list_keys(storage::state_table& wanted) const override {
    for (std::uint64_t i = made_; i < wanted_; ++i) {
      storage::event_record event;
      fill(i, event);
      storage::list_evolve_keys(event, wanted);
    }
  }
  void decide(const storage::state_table&, const storage::decision_times&,
              storage::event_sink& events) override {
    for (; made_ < wanted_; ++made_) {
      fill(made_, events.blank());
      events.append();
    }
  }
  void finish(storage::commit_outcome) noexcept override {}
  std::size_t size_bytes() const noexcept override { return sizeof(*this); }

 private:
  static constexpr std::uint64_t first_id_ = 100'000'000'000'000'000;

  void fill(std::uint64_t number, storage::event_record& event) const {
    event.set_type(static_cast<std::uint32_t>(what_.type));
    const std::string id = std::to_string(first_id_ + number * 7919);
    if (what_.type == storage::event_type::token_added) {
      add_token(id, event);
    } else {
      add_user(id, event);
    }
  }

  void add_token(const std::string& id, storage::event_record& event) const {
    event.set_user_id(text_.empty() ? "operator" : text_);
    event.set_creator(text_);
    event.mutable_payload()->set_token_id(id);
    event.mutable_payload()->add_roles("IAM_OWNER");
    event.mutable_payload()->set_org(text_);
    event.mutable_private_part()->mutable_token_hash()->assign(storage::as_bytes(hasher_.of(id)));
  }

  // Ids and usernames begin with what makes them different.
  void add_user(const std::string& id, storage::event_record& event) const {
    const std::string rest = text_.substr(0, text_.size() - id.size() * what_.letter.size());
    event.set_user_id(id + rest);
    event.set_resource_owner(text_.empty() ? "acme" : text_);
    event.set_creator(text_.empty() ? "operator" : text_);
    storage::event_payload& payload = *event.mutable_payload();
    payload.set_username(id + rest);
    payload.set_email(text_.empty() ? "a@b.ch" : std::string(letters_max, 'a'));
    storage::profile& person = *payload.mutable_person();
    person.set_given_name(text_.empty() ? "Alice" : text_);
    person.set_family_name(text_.empty() ? "Smith" : text_);
    person.set_display_name(text_.empty() ? "Alice Smith" : text_);
    person.set_nick_name(text_);
    person.set_preferred_language(text_);
  }

  const sample what_;
  std::string text_;
  mutable storage::sha256 hasher_;
  std::uint64_t made_ = 0;
  std::uint64_t wanted_ = 0;
};

/// How long something took, and of that this thread itself: the rest is others' on a busy machine.
struct held {
  steady::duration time{};
  std::chrono::nanoseconds cpu{};
};

std::chrono::nanoseconds cpu_time() {
  timespec now{};
  FACTORD_CHECK(::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0);
  return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
}

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
    const auto used = cpu_time();
    work();
    held_.time += steady::now() - start;
    held_.cpu += cpu_time() - used;
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

  [[nodiscard]] held take_held() { return std::exchange(held_, {}); }

 private:
  held held_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;  ///< guarded by mutex_
};

/// The reading half of a server on RocksDB, with many records in its memtables.
class reading_server {
 public:
  explicit reading_server(const sample& what)
      : store_(directory_.open(storage::durability::process, memtable_bytes)),
        commits_(*store_),
        queue_(*store_, {}, {}, 1),
        users_(service::environment{
            *store_, queue_, token_epoch_, tally_, system_now, steady::now,
            service::draw_secure_random, system_now(),
            [this](std::function<void()> task) { shard_.run_here(std::move(task)); },
            [this](service::call& done) { answered_ = &done; }}),
        adding_(what),
        before_(storage::wait_for<storage::events_answer>(
                    [this](auto done) { store_->read_events(0, 0, std::move(done)); })
                    .value()
                    .head.sequence) {
    for (std::uint64_t made = 0; made < record_count(); made += page_size) write(page_size);
  }
  ~reading_server() { store_->stop(); }

  void write(std::uint64_t records) {
    adding_.more(records);
    commits_.commit(adding_, system_now()).value();
  }

  /// Asks, and answers as the session does. How long the shard was held.
  held ask(service::call& work) {
    work.who.trusted = true;
    answered_ = nullptr;
    (void)codec_.receive("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    const std::uint64_t request = codec_.next()->id;
    shard_.hold([&] { users_.start(work); });
    while (answered_ == nullptr) shard_.run_next();
    FACTORD_CHECK(work.out.code == service::status_code::ok);
    shard_.hold([&] {
      answer_.clear();
      protocol::endpoint_of(work.op).write_json(work.out, answer_.body);
      codec_.respond(request, answer_);
      calls_.release(work);
    });
    bytes_ = codec_.output().size();
    codec_.output() = std::string();
    return shard_.take_held();
  }

  /// The newest event before those records.
  [[nodiscard]] std::uint64_t before() const noexcept { return before_; }
  [[nodiscard]] std::size_t answer_bytes() const noexcept { return bytes_; }
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
  add_records adding_;
  const std::uint64_t before_;
  service::call* answered_ = nullptr;
  const limits bounds_;
  const protocol::date_clock date_{system_now()};
  protocol::http1_codec codec_{bounds_, date_};
  protocol::response answer_;
  std::size_t bytes_ = 0;
};

using service::operation;

// How long one page holds the shard that asks for it, after a write, which spoils what the last
// page has sorted. `worst_ms` is the longest, `worst_cpu_ms` without others, `answer_ms` how long
// the client waits, `answer_kb` its size.
void page_holds_shard(benchmark::State& state, const sample& what, operation op,
                      std::string_view user) {
  reading_server server(what);
  steady::duration waited{};
  held worst;
  for (auto _ : state) {
    server.write(1);
    service::call& work = server.calls().acquire();
    work.op = op;
    work.in.user_id = user;
    work.in.after = server.before();
    work.in.limit = page_size;
    const auto start = steady::now();
    const held one = server.ask(work);
    waited += steady::now() - start;
    worst = {std::max(worst.time, one.time), std::max(worst.cpu, one.cpu)};
    state.SetIterationTime(std::chrono::duration<double>(one.time).count());
  }
  using milliseconds = std::chrono::duration<double, std::milli>;
  state.counters["worst_ms"] = milliseconds(worst.time).count();
  state.counters["worst_cpu_ms"] = milliseconds(worst.cpu).count();
  state.counters["answer_ms"] =
      benchmark::Counter(milliseconds(waited).count(), benchmark::Counter::kAvgIterations);
  state.counters["answer_kb"] = static_cast<double>(server.answer_bytes()) / 1'000;
}

constexpr sample token_page{storage::event_type::token_added, ""};
constexpr sample user_page{storage::event_type::human_added, ""};
// Of four bytes each, and of one that JSON writes as six.
constexpr std::string_view widest = "\U0001d11e";
constexpr std::string_view escaped = "\x01";

void settings(benchmark::internal::Benchmark* of) {
  of->UseManualTime()->Iterations(50)->Unit(benchmark::kMillisecond);
}
BENCHMARK_CAPTURE(page_holds_shard, tokens, token_page, operation::list_tokens, "")
    ->Apply(settings);
BENCHMARK_CAPTURE(page_holds_shard, widest_tokens, (sample{token_page.type, widest}),
                  operation::list_tokens, "")
    ->Apply(settings);
BENCHMARK_CAPTURE(page_holds_shard, escaped_tokens, (sample{token_page.type, escaped}),
                  operation::list_tokens, "")
    ->Apply(settings);
BENCHMARK_CAPTURE(page_holds_shard, events, token_page, operation::list_events, "")
    ->Apply(settings);
BENCHMARK_CAPTURE(page_holds_shard, events_of_a_user, token_page, operation::list_events,
                  "operator")
    ->Apply(settings);
BENCHMARK_CAPTURE(page_holds_shard, events_of_users, user_page, operation::list_events, "")
    ->Apply(settings);
BENCHMARK_CAPTURE(page_holds_shard, widest_events, (sample{user_page.type, widest}),
                  operation::list_events, "")
    ->Apply(settings);
BENCHMARK_CAPTURE(page_holds_shard, escaped_events, (sample{user_page.type, escaped}),
                  operation::list_events, "")
    ->Apply(settings);

}  // namespace
}  // namespace factord::bench
