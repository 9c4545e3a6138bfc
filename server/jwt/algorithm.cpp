#include "server/jwt/algorithm.hpp"

#include <array>
#include <cstddef>

#include "storage/base/enum_table.hpp"

namespace factord::jwt {
namespace {

struct row {
  algorithm which;
  std::string_view name;
};

constexpr auto rows = std::to_array<row>({
    {algorithm::rs256, "RS256"},
    {algorithm::ps256, "PS256"},
    {algorithm::es256, "ES256"},
    {algorithm::eddsa, "EdDSA"},
});
static_assert(has_each_in_order(rows, &row::which));

}  // namespace

std::string_view name(algorithm which) noexcept {
  return rows[static_cast<std::size_t>(which)].name;
}

std::optional<algorithm> find_algorithm(std::string_view name) noexcept {
  for (const row& one : rows) {
    if (one.name == name) return one.which;
  }
  return std::nullopt;
}

}  // namespace factord::jwt
