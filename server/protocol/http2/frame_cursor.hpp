#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

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

}  // namespace factord::protocol::http2
