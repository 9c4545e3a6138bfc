#include "tests/support/connection_program.hpp"

namespace factord::testing {

shape::shape(fuzz::cursor& in) {
  const std::uint8_t wire = in.byte();
  http2 = wire % 8 >= 5;
  encrypted = wire % 8 == 4 || wire % 8 == 7;
  at_once = (wire & 0x80U) == 0;
  const std::uint8_t sizes = in.byte();
  bounds.pipelined_requests = sizes % 32 == 31 ? 64 : 1 + sizes % 32;
  bounds.http2_streams = 1 + sizes % 32;
  if (sizes >= 128) bounds.output_bytes = 600;
  const std::uint8_t queue = in.byte();
  commit.queue_commands = queue < 128 ? 256 : 1 + queue % 32;
  bounds.all_buffers_bytes = 1U << 20U;
}

std::string draw_program(std::uint64_t seed) {
  std::string program;
  std::uint64_t state = seed * 0x9e3779b97f4a7c15ULL + 1;
  const auto draw = [&state](std::size_t end) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    return static_cast<std::size_t>(state >> 11U) % end;
  };
  const auto put = [&program](std::size_t byte) { program += static_cast<char>(byte); };
  for (int i = 0; i < 3; ++i) put(draw(256));
  // Most lives go on to their end in good order, so that all of it can be checked.
  const std::size_t kinds = draw(4) == 0 ? step_kinds : std::size_t(step_kind::send_raw);
  for (std::size_t steps = 10 + draw(120); steps > 0; --steps) {
    const auto what = static_cast<step_kind>(draw(kinds));
    put(static_cast<std::size_t>(what));
    const bool sends = what == step_kind::send || what == step_kind::send_many;
    const bool in_bulk = sends && draw(8) == 0;
    put(what == step_kind::wait ? draw(8) : in_bulk ? 255 : draw(256));
    if (what == step_kind::send_many) put(draw(256));
    if (what == step_kind::send_raw)
      for (std::size_t i = static_cast<unsigned char>(program.back()) % 64; i > 0; --i)
        put(draw(256));
  }
  return program;
}

}  // namespace factord::testing
