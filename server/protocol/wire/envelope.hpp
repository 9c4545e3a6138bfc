#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Messages in gRPC, gRPC-Web and Connect streams stand in envelopes: one byte of flags, the length
/// as four bytes with the highest first, and so many bytes of payload.
namespace factord::protocol {

inline constexpr std::size_t envelope_head_bytes = 5;

/// Flags. A payload is compressed; the payload of gRPC-Web's and of Connect's last envelope is not
/// a message but how the call ended.
inline constexpr std::uint8_t envelope_compressed = 0x01;
inline constexpr std::uint8_t connect_end_of_stream = 0x02;
inline constexpr std::uint8_t grpc_web_trailers = 0x80;

struct envelope {
  std::uint8_t flags = 0;
  std::string_view payload;
};

/// The length that the first envelope of `bytes` announces; nothing while its head is not whole.
[[nodiscard]] std::optional<std::size_t> announced_length(std::string_view bytes);

/// Takes the first envelope off `bytes`; nothing while it is not whole. Its payload points there.
[[nodiscard]] std::optional<envelope> take_envelope(std::string_view& bytes);

/// Appends the head of an envelope whose length is not known yet, and returns where it stands.
[[nodiscard]] std::size_t open_envelope(std::string& out, std::uint8_t flags);

/// Puts the length of what was appended since into the head at `head`.
void close_envelope(std::string& out, std::size_t head);

}  // namespace factord::protocol
