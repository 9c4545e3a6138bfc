#include "server/protocol/wire/request_names.hpp"

#include <algorithm>
#include <span>

#include "storage/base/ascii.hpp"
#include "storage/base/hex.hpp"

namespace factord::protocol {
namespace {

// To the next number of as many lower-case hexadecimal digits; from the last to the first.
void count_up(std::span<char> digits) {
  for (std::size_t at = digits.size(); at-- > 0;) {
    char& digit = digits[at];
    if (digit != 'f') {
      digit = digit == '9' ? 'a' : static_cast<char>(digit + 1);
      return;
    }
    digit = '0';
  }
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= service::request_name::max_size &&
         std::ranges::all_of(text, is_token_char);
}

}  // namespace

request_names::request_names(std::uint64_t drawn) noexcept {
  newest_.fill('0');
  const std::size_t half = newest_.size() / 2;
  for (std::size_t at = half; at-- > 0; drawn >>= 4U) newest_[at] = hex_digits[drawn & 0x0FU];
}

void request_names::name(std::string_view sent, service::request_name& out) noexcept {
  if (is_name(sent)) return out.assign(sent);
  count_up(newest_);
  out.assign({newest_.data(), newest_.size()});
}

}  // namespace factord::protocol
