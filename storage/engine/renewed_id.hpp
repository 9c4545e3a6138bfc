#pragma once

#include <atomic>
#include <deque>
#include <string>
#include <utility>

namespace factord::storage {

/// The id of a store that a reset gives another. Any thread but where said.
class renewed_id {
 public:
  explicit renewed_id(std::string first) : all_{std::move(first)}, current_(&all_.back()) {}
  renewed_id(const renewed_id&) = delete;
  renewed_id& operator=(const renewed_id&) = delete;

  /// The text is there as long as this is.
  [[nodiscard]] const std::string& current() const noexcept { return *current_.load(); }

  /// One thread.
  void renew(std::string id) { current_ = &all_.emplace_back(std::move(id)); }

 private:
  std::deque<std::string> all_;  ///< whoever has one keeps it
  std::atomic<const std::string*> current_;
};

}  // namespace factord::storage
