#pragma once

#include <cstdint>

#include "server/protocol/wire/rpc_form.hpp"

namespace factord::protocol {

/// A fault of a body that HTTP has a status of its own for; `pending.rejected` tells it as well.
enum class body_fault : std::uint8_t {
  none,
  unknown_coding,  ///< 415: its Content-Encoding is not known here
  too_large,       ///< 413: decompressed it is larger than it may be
  no_lines,        ///< 415: it is to be lines of JSON, and as they are
};

/// How events are written (API.md, section 2, "The log").
enum class event_form : std::uint8_t {
  page,    ///< as one JSON object
  ndjson,  ///< a line each, for ever
  sse,     ///< as server-sent events, for ever
};

/// What a call keeps for its answer (call::protocol_note).
struct call_note {
  rpc_form form = rpc_form::none;
  body_fault fault = body_fault::none;
  std::uint16_t origin = 0;  ///< 1 + the position of an allowed origin; 0: of no origin
  event_form events = event_form::page;

  [[nodiscard]] constexpr std::uint32_t packed() const noexcept {
    return std::uint32_t{origin} << 16U | static_cast<std::uint32_t>(events) << 12U |
           static_cast<std::uint32_t>(fault) << 8U | static_cast<std::uint32_t>(form);
  }
  [[nodiscard]] static constexpr call_note of(std::uint32_t packed) noexcept {
    return {static_cast<rpc_form>(packed & 0xFFU), static_cast<body_fault>(packed >> 8U & 0xFU),
            static_cast<std::uint16_t>(packed >> 16U),
            static_cast<event_form>(packed >> 12U & 0xFU)};
  }
};

}  // namespace factord::protocol
