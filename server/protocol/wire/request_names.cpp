#include "server/protocol/wire/request_names.hpp"

#include <algorithm>
#include <array>

#include "storage/base/ascii.hpp"
#include "storage/base/hex.hpp"

namespace factord::protocol {
namespace {

constexpr std::size_t digits_of_each = 16;

void write_hex(std::uint64_t number, char* end) {
  for (std::size_t i = 0; i < digits_of_each; ++i) {
    *--end = hex_digits[number & 0x0FU];
    number >>= 4U;
  }
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= service::request_name::max_size &&
         std::ranges::all_of(text, is_token_char);
}

}  // namespace

void request_names::name(std::string_view sent, service::request_name& out) noexcept {
  if (is_name(sent)) return out.assign(sent);
  std::array<char, 2 * digits_of_each> made;
  write_hex(drawn_, made.data() + digits_of_each);
  write_hex(++made_, made.data() + made.size());
  out.assign({made.data(), made.size()});
}

}  // namespace factord::protocol
