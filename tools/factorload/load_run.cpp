#include "tools/factorload/load_run.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "storage/base/thread.hpp"
#include "tools/common/number.hpp"
#include "tools/factorload/grpc_exchange.hpp"
#include "tools/factorload/http1_exchange.hpp"
#include "tools/factorload/worker.hpp"

namespace factord::load {
namespace {

using clock = std::chrono::steady_clock;
using workers = std::vector<std::unique_ptr<worker>>;

// Set by a signal handler, which can reach nothing else.
std::atomic<bool> stop_asked = false;
static_assert(std::atomic<bool>::is_always_lock_free);

void handle_signals() {
  // OpenSSL writes as one writes to files: a connection that ended would end the program.
  ::signal(SIGPIPE, SIG_IGN);
  struct sigaction action {};
  action.sa_handler = [](int) { stop_asked.store(true, std::memory_order_relaxed); };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
}

// As many descriptors as the system allows: a connection is one.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::chrono::microseconds cpu_used() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto micros = [](const timeval& time) {
    return std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_usec};
  };
  return micros(usage.ru_utime) + micros(usage.ru_stime);
}

// Draws the line of progress twice a second until `running` is 0.
void show_progress(const workers& all, clock::time_point start, const std::atomic<int>& running) {
  std::uint64_t answers_before = 0;
  auto drawn = start;
  while (running.load() > 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
    const auto now = clock::now();
    if (now - drawn < std::chrono::milliseconds{500}) continue;
    const std::uint64_t answers = std::accumulate(
        all.begin(), all.end(), std::uint64_t{0},
        [](std::uint64_t sum, const auto& each) { return sum + each->answers_shown(); });
    const double seconds = std::chrono::duration<double>(now - drawn).count();
    const auto rate =
        static_cast<std::uint64_t>(static_cast<double>(answers - answers_before) / seconds);
    std::fprintf(
        stderr, "\r\x1b[K%lld s  %s answers  %s/s",
        static_cast<long long>(std::chrono::floor<std::chrono::seconds>(now - start).count()),
        tools::grouped(answers).c_str(), tools::grouped(rate).c_str());
    std::fflush(stderr);
    drawn = now;
    answers_before = answers;
  }
  std::fputs("\r\x1b[K", stderr);
}

void run_workers(const workers& all, clock::time_point start) {
  std::atomic<int> running = static_cast<int>(all.size());
  std::vector<thread> threads;
  threads.reserve(all.size());
  try {
    for (const auto& each : all) {
      threads.emplace_back("load-" + std::to_string(threads.size()), [&running, &each, start] {
        each->run(start);
        running.fetch_sub(1);
      });
    }
  } catch (...) {
    // Not all that was asked for is none: those that run end, and leaving waits for them.
    stop_asked.store(true, std::memory_order_relaxed);
    throw;
  }
  if (::isatty(STDERR_FILENO) == 1) show_progress(all, start, running);
  // Leaving joins the threads.
}

// What every connection talks by; the formats are shared.
worker::exchange_maker make_maker(const load_options& options) {
  if (options.protocol == load_protocol::grpc) {
    auto format = std::make_shared<const grpc_format>(options.server.tls ? "https" : "http",
                                                      options.server.authority(),
                                                      "Bearer " + options.token, *options.ids);
    return
        [format, &options] { return std::make_unique<grpc_exchange>(*format, options.pipeline); };
  }
  auto format = std::make_shared<const request_format>(options.server.authority(), options.token,
                                                       *options.ids);
  return [format, &options] { return std::make_unique<http1_exchange>(*format, options.pipeline); };
}

}  // namespace

result<load_result> run_load(const load_options& options) {
  // 1. All connections, before any request.
  raise_descriptor_limit();
  std::optional<tls_client> tls;
  if (options.server.tls) {
    const bool http2 = options.protocol == load_protocol::grpc;
    result<tls_client> made = tls_client::make(http2 ? "h2" : "http/1.1", options.tls_ca);
    if (!made) return made.error();
    tls = std::move(*made);
  }
  // It keeps the formats, so it outlives the workers.
  const worker::exchange_maker make_exchange = make_maker(options);
  workers all;
  for (std::uint64_t i = 0; i < options.threads; ++i) {
    all.push_back(
        std::make_unique<worker>(options, tls ? &*tls : nullptr, make_exchange, i, stop_asked));
    const result<void> connected = all.back()->connect();
    if (!connected) return connected.error();
  }

  // 2. The load.
  handle_signals();
  const auto cpu_before = cpu_used();
  const auto start = clock::now();
  run_workers(all, start);

  // 3. What came of it.
  load_result outcome;
  outcome.cpu = cpu_used() - cpu_before;
  for (const auto& each : all) {
    outcome.counts.merge(each->counts());
    outcome.elapsed = std::max(outcome.elapsed, each->last_answer() - start);
  }
  return outcome;
}

}  // namespace factord::load
