#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "tests/simulation/scheduler.hpp"

namespace factord::simulation {

/// What happened in a run, in order: its hash says whether two runs were the same.
class trace {
 public:
  trace(const scheduler& time, bool shown) : time_(time), shown_(shown) {}

  void add(std::string_view who, std::string_view what) {
    const std::string line =
        std::to_string(time_.now().count()) + " " + std::string(who) + ": " + std::string(what);
    for (const char c : line) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    hash_ = (hash_ ^ '\n') * 1099511628211ULL;
    if (shown_) std::printf("%s\n", line.c_str());
  }
  [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }

 private:
  const scheduler& time_;
  const bool shown_;
  std::uint64_t hash_ = 14695981039346656037ULL;
};

}  // namespace factord::simulation
