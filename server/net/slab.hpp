#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "storage/base/check.hpp"

namespace factord::net {

/// Objects by slot number. A slot is used again, under the next generation, so {slot, generation}
/// names one object for ever and finds nothing once it is gone. One thread.
template <class T>
class slab {
 public:
  struct name {
    std::uint32_t slot = 0;
    std::uint64_t generation = 0;
  };

  /// A slot for one object, to be filled with `put` or given back with `erase`.
  [[nodiscard]] name reserve() {
    if (free_.empty()) {
      // Room for every slot that there is, so that giving one back takes no memory. And nothing has
      // changed where there is none for a new one.
      if (free_.capacity() <= slots_.size()) free_.reserve(2 * slots_.size() + 1);
      slots_.emplace_back();
      free_.push_back(static_cast<std::uint32_t>(slots_.size() - 1));
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    return {slot, ++slots_[slot].generation};
  }

  T& put(name which, std::unique_ptr<T> object) {
    place& mine = slots_.at(which.slot);
    FACTORD_CHECK(mine.generation == which.generation && mine.object == nullptr);
    mine.object = std::move(object);
    ++size_;
    return *mine.object;
  }

  /// Null where it is gone.
  [[nodiscard]] T* find(name which) const {
    if (which.slot >= slots_.size()) return nullptr;
    const place& there = slots_[which.slot];
    return there.generation == which.generation ? there.object.get() : nullptr;
  }

  void erase(name which) {
    place& mine = slots_.at(which.slot);
    FACTORD_CHECK(mine.generation == which.generation);
    if (mine.object != nullptr) --size_;
    mine.object.reset();
    ++mine.generation;
    free_.push_back(which.slot);
  }

  /// Calls `visit` with each object. It may not add or erase any.
  template <class Visit>
  void for_each(Visit visit) {
    for (place& one : slots_) {
      if (one.object != nullptr) visit(*one.object);
    }
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  struct place {
    std::unique_ptr<T> object;
    std::uint64_t generation = 0;
  };

  std::vector<place> slots_;
  std::vector<std::uint32_t> free_;
  std::size_t size_ = 0;
};

}  // namespace factord::net
