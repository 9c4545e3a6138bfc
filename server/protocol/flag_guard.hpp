#pragma once

#include <utility>

namespace factord::protocol {

/// Sets a flag for as long as it lives, an exception included.
class flag_guard {
 public:
  explicit flag_guard(bool& flag) : flag_(flag), before_(std::exchange(flag, true)) {}
  ~flag_guard() { flag_ = before_; }
  flag_guard(const flag_guard&) = delete;
  flag_guard& operator=(const flag_guard&) = delete;

 private:
  bool& flag_;
  const bool before_;
};

}  // namespace factord::protocol
