#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace factord::protocol {

/// Bytes read and not yet taken: small while a connection sends little, up to `limit` bytes when a
/// header needs it.
///
///     |  taken  |  view()  |  lent  |
///
/// A read may be under way while what came before it is taken, so memory is moved, and its front
/// used again, in lend() alone: there no read is under way. One thread.
class input_buffer {
 public:
  static constexpr std::size_t first_capacity = 4096;

  /// A `limit` below first_capacity counts as first_capacity.
  explicit input_buffer(std::size_t limit);

  [[nodiscard]] std::string_view view() const noexcept {
    return {memory_.get() + begin_, end_ - begin_};
  }

  /// Room for the next read, at least one byte where less than `limit` bytes are kept. Grows after
  /// a read that filled it, shrinks after a short one. Whoever reads may write into it until he
  /// calls commit(), before which there is no second loan (a CHECK).
  [[nodiscard]] std::span<char> lend();
  /// The read is over, and this much of what was lent is filled.
  void commit(std::size_t bytes);

  /// The front of view() is taken. At any time.
  void consume(std::size_t bytes);
  /// All of view() is.
  void clear() { consume(end_ - begin_); }

  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

 private:
  void move_to(std::size_t capacity);

  const std::size_t limit_;
  std::size_t capacity_ = 0;
  std::unique_ptr<char[]> memory_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool lent_ = false;
  bool filled_ = false;  ///< the last read left no room: more is likely waiting
};

}  // namespace factord::protocol
