#include "server/protocol/http_status.hpp"

#include <array>

namespace factord::protocol {

unsigned http_status(service::status_code code) noexcept {
  // In the order of the codes, 0 to 16.
  constexpr std::array<unsigned, service::status_code_count> table{
      200, 499, 500, 400, 504, 404, 409, 403, 429, 400, 409, 400, 501, 500, 503, 500, 401};
  return table[static_cast<std::size_t>(code)];
}

}  // namespace factord::protocol
