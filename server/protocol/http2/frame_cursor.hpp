#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "server/base/limits.hpp"

namespace factord::protocol::http2 {

/// Follows the frames of one direction of a connection by their headers alone (RFC 9113, section
/// 4.1), beside nghttp2, which does not tell where it stands: whether the other side is in the
/// middle of something is what deadlines need to know. It also finds what nghttp2 lets pass.
class frame_cursor {
 public:
  /// What the other side has begun and not ended.
  enum class inside : std::uint8_t {
    nothing,
    frame,  ///< the preface, a frame other than DATA, or a header block of several frames
    data,   ///< a DATA frame
  };

  /// Follows `bytes` up to a frame that nghttp2 would let pass and that is an error of the whole
  /// connection: PRIORITY on stream 0 (RFC 9113, section 6.3). How many bytes are before it; behind
  /// it nothing is followed any more.
  [[nodiscard]] std::size_t advance(std::string_view bytes);

  [[nodiscard]] inside where() const noexcept;
  /// How many were begun of what has an end: frames, and header blocks with all of their frames.
  [[nodiscard]] std::uint64_t begun() const noexcept { return begun_; }

 private:
  static constexpr std::size_t header_bytes = 9;

  void begin_frame();
  [[nodiscard]] bool is_priority_of_nothing() const;

  std::size_t preface_left_ = 24;
  std::array<unsigned char, header_bytes> header_{};
  std::size_t header_got_ = 0;
  std::size_t payload_left_ = 0;
  bool data_ = false;        ///< of the frame that payload_left_ is of
  bool block_open_ = false;  ///< a header block without END_HEADERS so far
  std::uint64_t begun_ = 0;
};

/// How long the other side stands in the middle of a frame.
class frame_deadline {
 public:
  /// Called by each sweep (codec::sweep): true where a frame took too long. Nobody can answer half
  /// of one: a request has no stream yet, or needs none.
  [[nodiscard]] bool is_late(const frame_cursor& cursor, std::chrono::steady_clock::time_point now,
                             bool reading, const limits& bounds);

 private:
  // What is_late() saw last time.
  frame_cursor::inside swept_ = frame_cursor::inside::nothing;
  std::uint64_t swept_frame_ = 0;
  std::chrono::steady_clock::time_point inside_since_;
};

}  // namespace factord::protocol::http2
