#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <string_view>

#include "tools/factorload/latency_histogram.hpp"

namespace factord::bench {

/// How the removals that were asked for ended.
struct redis_tally {
  std::uint64_t removed = 0;
  std::uint64_t absent = 0;  ///< answered 0: there was no such factor
  std::uint64_t errors = 0;
  load::latency_histogram latency;

  [[nodiscard]] std::uint64_t answers() const noexcept { return removed + absent + errors; }
};

/// One connection to a Redis: asks for removals, so many at a time, and counts the answers. Throws
/// std::system_error where the other side goes away. One thread.
class redis_connection {
 public:
  using clock = std::chrono::steady_clock;
  /// Appends one request; false where there is nothing left to ask.
  using source = std::function<bool(std::string& out)>;

  /// Connects to 127.0.0.1.
  explicit redis_connection(std::uint16_t port);
  ~redis_connection();
  redis_connection(const redis_connection&) = delete;
  redis_connection& operator=(const redis_connection&) = delete;

  [[nodiscard]] int fd() const noexcept { return fd_; }
  [[nodiscard]] std::size_t under_way() const noexcept { return asked_.size(); }

  /// Asks until `depth` requests are under way or the source is dry, in one write.
  void ask(const source& next, std::size_t depth);

  /// Reads what has come, which must be something, and counts the answers.
  void receive(redis_tally& counts);

 private:
  void count(std::string_view line, redis_tally& counts, clock::time_point now);
  void send_all(std::string_view bytes);

  int fd_;
  std::deque<clock::time_point> asked_;
  std::string output_;
  std::string input_;
};

}  // namespace factord::bench
