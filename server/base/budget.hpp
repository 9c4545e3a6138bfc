#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <utility>

namespace factord {

class budget_place;

/// A bound on something that all shards use together: connections, bytes of buffers. One that is
/// part of another has that one's bound, and what is taken of it is taken of that. Any thread.
class budget {
 public:
  explicit budget(std::size_t limit) noexcept : limit_(limit) {}
  explicit budget(budget* whole) noexcept : limit_(whole->limit_), whole_(whole) {}

  /// Takes one where there is one left.
  [[nodiscard]] std::optional<budget_place> enter() noexcept;

  /// Takes what is in use already, over the limit too.
  void take(std::size_t amount) noexcept {
    used_.fetch_add(amount, std::memory_order_relaxed);
    if (whole_ != nullptr) whole_->take(amount);
  }
  void give_back(std::size_t amount) noexcept {
    used_.fetch_sub(amount, std::memory_order_relaxed);
    if (whole_ != nullptr) whole_->give_back(amount);
  }

  [[nodiscard]] std::size_t used() const noexcept { return used_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t limit() const noexcept { return limit_; }
  [[nodiscard]] bool exceeded() const noexcept {
    return whole_ == nullptr ? used() > limit_ : whole_->exceeded();
  }

 private:
  const std::size_t limit_;
  budget* const whole_ = nullptr;
  std::atomic<std::size_t> used_{0};
};

/// One that was taken. It is given back with its owner, however that ends; the budget outlives it.
class budget_place {
 public:
  budget_place(budget_place&& other) noexcept : of_(std::exchange(other.of_, nullptr)) {}
  budget_place& operator=(budget_place&& other) = delete;
  ~budget_place() {
    if (of_ != nullptr) of_->give_back(1);
  }

 private:
  friend class budget;
  explicit budget_place(budget& of) noexcept : of_(&of) {}

  budget* of_;
};

inline std::optional<budget_place> budget::enter() noexcept {
  const bool left = used_.fetch_add(1, std::memory_order_relaxed) < limit_;
  if (whole_ != nullptr) whole_->take(1);
  if (left && (whole_ == nullptr || !whole_->exceeded())) return budget_place(*this);
  give_back(1);
  return std::nullopt;
}

}  // namespace factord
