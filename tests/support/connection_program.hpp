#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "server/base/limits.hpp"
#include "storage/commit/commit_queue.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/support/connection_requests.hpp"

/// What the bytes mean that connection_world lives by.
namespace factord::testing {

/// What happens next; `how` is the byte behind it.
enum class step_kind : std::uint8_t {
  send,         ///< request ask_of(how)
  send_many,    ///< the same, as many times as the next byte says: few, or more than any buffer has
  fill_read,    ///< of how + 1 bytes
  fill_all,     ///< of all there is room for
  finish_read,  ///< the connection is told
  read_all,     ///< how + 1 bytes at a time
  run_queue,    ///< one batch is committed; its answers wait
  complete,     ///< how + 1 of the answers, the newest first where it is odd
  settle,       ///< the queue runs dry, and all answers are given
  set_room,     ///< to send how * 16 bytes; 255: any number
  wait,         ///< how * 20 ms, and a sweep; where how is odd the store came, or went
  pressure,     ///< all buffers are over their limit, from now on or not any more
  add_factor,   ///< somebody else gives "known" its factor back
  send_raw,     ///< the next how % 64 bytes, below TLS where it is even
  end,          ///< the client sends no more
  drain,
  close,
  reset,  ///< where how is odd only a write can tell
};
constexpr std::size_t step_kinds = 18;

/// What is asked for. Bulks came late: older programs mean what they did.
[[nodiscard]] constexpr ask ask_of(std::size_t how) noexcept {
  constexpr std::size_t others = std::size_t(ask::bulk);
  return how < 256 / others * others ? static_cast<ask>(how % others) : ask::bulk;
}

/// How it is run: the first three bytes.
struct shape {
  bool http2;
  bool encrypted;
  bool at_once;  ///< what needs no commit is answered inside of the connection
  limits bounds;
  storage::commit_limits commit;

  explicit shape(fuzz::cursor& in);
};

/// A program that follows from `seed`.
[[nodiscard]] std::string draw_program(std::uint64_t seed);

}  // namespace factord::testing
