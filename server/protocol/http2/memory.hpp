#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>

namespace factord::protocol::http2 {

/// The heap of one nghttp2 session, counted: its streams, tables and frames grow as the other side
/// likes. Stays where it is for as long as the session lives.
class counted_memory {
 public:
  counted_memory() = default;
  counted_memory(const counted_memory&) = delete;
  counted_memory& operator=(const counted_memory&) = delete;

  /// For nghttp2_session_server_new3, which copies it.
  [[nodiscard]] nghttp2_mem functions() noexcept;

  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  struct hooks;

  std::size_t bytes_ = 0;
};

}  // namespace factord::protocol::http2
