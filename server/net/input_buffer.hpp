#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace factord::net {

/// Bytes read and not yet taken: small while a connection sends little, up to `limit` bytes when a
/// header needs it.
///
///     |  taken  |  view()  |  space()  |
class input_buffer {
 public:
  static constexpr std::size_t first_capacity = 4096;

  /// A `limit` below first_capacity counts as first_capacity.
  explicit input_buffer(std::size_t limit);

  [[nodiscard]] std::string_view view() const noexcept {
    return {memory_.get() + begin_, end_ - begin_};
  }

  /// Room for the next read, at least one byte where less than `limit` bytes are kept. Grows after
  /// a read that filled it, shrinks after a short one. Valid until the next call.
  [[nodiscard]] std::span<char> space();
  void commit(std::size_t bytes);
  void consume(std::size_t bytes);
  void clear() noexcept { begin_ = end_ = 0; }

  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

 private:
  void move_to(std::size_t capacity);

  const std::size_t limit_;
  std::size_t capacity_ = 0;
  std::unique_ptr<char[]> memory_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool filled_ = false;  ///< the last read left no room: more is likely waiting
};

}  // namespace factord::net
