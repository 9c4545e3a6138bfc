#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "server/protocol/http2/stream.hpp"

namespace factord::protocol::http2 {

/// The open streams of a connection, in no order, and the memory of some that were.
class stream_table {
 public:
  /// A new stream; valid until it is closed.
  [[nodiscard]] stream& open(std::int32_t id);
  void close(stream& done);

  [[nodiscard]] std::span<const std::unique_ptr<stream>> all() const noexcept { return open_; }
  [[nodiscard]] bool empty() const noexcept { return open_.empty(); }

  [[nodiscard]] std::size_t held_bytes() const;

 private:
  std::vector<std::unique_ptr<stream>> open_;   ///< each knows its place
  std::vector<std::unique_ptr<stream>> spare_;  ///< for later streams
};

}  // namespace factord::protocol::http2
