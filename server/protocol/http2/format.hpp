#pragma once

#include <nghttp2/nghttp2.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "server/protocol/wire/response.hpp"

namespace factord::protocol::http2 {

/// The header block of an answer as nghttp2 wants it, with memory that is kept. Checks that no
/// value can end a field. Names are given to nghttp2 in any case; it sends them in lower case.
class header_list {
 public:
  /// The first block of an answer, with its trailers where that is all there is (response.hpp). The
  /// fields are valid as long as `answer` and `date`, until the next call.
  [[nodiscard]] std::span<const nghttp2_nv> of(const response& answer, std::string_view date);

  /// A block of trailers.
  [[nodiscard]] std::span<const nghttp2_nv> of(std::span<const response::header> trailers);

 private:
  void add(std::string_view name, std::string_view value, unsigned flags = 0);
  void add_all(std::span<const response::header> fields);

  std::vector<nghttp2_nv> fields_;
  std::array<char, 3> status_{};
  std::array<char, 20> length_{};
};

/// Bytes as nghttp2 gives them.
[[nodiscard]] inline std::string_view view(const std::uint8_t* bytes, std::size_t size) noexcept {
  return {reinterpret_cast<const char*>(bytes), size};
}

/// True where an answer is its header block alone. `head`: it answers HEAD.
[[nodiscard]] bool is_header_only(const response& answer, bool head) noexcept;

}  // namespace factord::protocol::http2
