#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "storage/base/error.hpp"
#include "tools/factorload/exchange.hpp"
#include "tools/factorload/link.hpp"
#include "tools/factorload/load_options.hpp"
#include "tools/factorload/pacer.hpp"
#include "tools/factorload/request_source.hpp"
#include "tools/factorload/tally.hpp"

namespace factord::load {

/// One thread of the load: some of the connections in one epoll loop. connect() and run() are each
/// called once, run() on the thread that it is to use.
class worker {
 public:
  using clock = std::chrono::steady_clock;

  using exchange_maker = std::function<std::unique_ptr<exchange>()>;

  /// `options`, `tls` (null: plain) and `stop` must outlive it; `index` is below options.threads.
  /// Each connection talks by an exchange that `make_exchange` makes now. Once `stop` is true it
  /// asks nothing more, reads what is outstanding, and ends.
  worker(const load_options& options, const tls_client* tls, const exchange_maker& make_exchange,
         std::uint64_t index, const std::atomic<bool>& stop);
  ~worker();
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  /// Opens its connections. Fails with errc::unavailable.
  [[nodiscard]] result<void> connect();

  /// Asks from `start` on until the time is up, every id was used, or no connection is left; then
  /// waits for what is outstanding, for at most 30 s.
  void run(clock::time_point start);

  /// After run().
  [[nodiscard]] const tally& counts() const noexcept { return counts_; }
  /// After run(): when the last answer came, or the start where none did.
  [[nodiscard]] clock::time_point last_answer() const noexcept { return last_answer_; }

  /// How many answers have come. Any thread.
  [[nodiscard]] std::uint64_t answers_shown() const noexcept {
    return answers_shown_.load(std::memory_order_relaxed);
  }

 private:
  struct connection;

  // Asking.
  void fill(connection& peer, clock::time_point now);
  void ask_due(clock::time_point now);
  bool ask_one(connection& peer, clock::time_point started);
  void list_free(connection& peer);
  [[nodiscard]] bool asking(clock::time_point now);
  [[nodiscard]] bool finished(clock::time_point now);
  void count_unsent(clock::time_point now);

  // The sockets.
  void serve(connection& peer, std::uint32_t events);
  void receive(connection& peer);
  void send_output(connection& peer);
  void watch(connection& peer, int how, bool writable);
  void lose(connection& peer);
  void reconnect_lost(clock::time_point now);
  void wait_and_serve(clock::time_point now);

  // Constant after connect() and the start of run().
  const load_options& options_;
  const tls_client* const tls_;
  const std::uint64_t index_;
  const std::atomic<bool>& stop_;
  const bool open_loop_;
  int epoll_ = -1;
  int alarm_ = -1;
  std::vector<request_source> sources_;  ///< one, or in mode cycle one for each connection
  std::vector<std::unique_ptr<connection>> connections_;
  clock::time_point end_{};

  // Owned by the thread that calls run().
  pacer pace_;
  std::uint64_t next_due_ = 0;    ///< open loop: number of the next request
  clock::time_point alarm_at_{};  ///< open loop: what the alarm was last set to
  std::deque<connection*> free_;  ///< open loop: those that can take a request, longest free first
  std::vector<connection*> lost_;
  std::size_t live_ = 0;
  bool used_up_ = false;
  clock::time_point quiet_since_ = clock::time_point::max();  ///< when asking ended
  clock::time_point last_answer_{};
  tally counts_;

  // Any thread.
  std::atomic<std::uint64_t> answers_shown_ = 0;
};

}  // namespace factord::load
