#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/base/id_range.hpp"
#include "tools/common/scatter.hpp"

/// What all benchmarks work on: the users that `factorctl seed` makes, asked for in the order in
/// which factorload and bench/remove.lua ask for them.
namespace factord::bench {

inline constexpr std::string_view org = "acme";
inline constexpr std::string_view first_id = "100000000000000001";

/// The ids of the users of a store, in a scattered order, over and over.
class scattered_users {
 public:
  explicit scattered_users(std::uint64_t users);

  /// The next id, valid until the call after it.
  [[nodiscard]] const std::string& next();

  /// Whether the next one begins a new round.
  [[nodiscard]] bool at_start() const noexcept { return position_ % order_.size() == 0; }

 private:
  id_range ids_;
  tools::scatter order_;
  std::uint64_t position_ = 0;
  std::string id_;
};

/// A removal as a client writes it: no more fields than it needs.
[[nodiscard]] std::string removal_request(std::string_view user_id, std::string_view token);

/// As long as a token is.
inline constexpr std::string_view sample_token = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopq";

}  // namespace factord::bench
