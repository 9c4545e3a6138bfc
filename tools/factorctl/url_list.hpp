#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "storage/base/id_range.hpp"

namespace factord::ctl {

/// One of `count` parts of a list, none of which has an element in common with another.
struct shard {
  std::uint64_t index = 0;
  std::uint64_t count = 1;
};

/// "2/4": the second of four. Nothing where it is no such thing; of 1 to 65536.
[[nodiscard]] std::optional<shard> parse_shard(std::string_view text) noexcept;

enum class url_order : std::uint8_t {
  scattered,  ///< that of factorload (tools/common/scatter.hpp)
  ascending,
};

/// The URLs that remove the factors of users, one a line.
struct url_list {
  std::string server;  ///< what stands before the path
  id_range ids;
  url_order order = url_order::scattered;
  shard part;  ///< every `count`th place of the order

  /// Hands them out some at a time, until `take` says that it wants no more.
  void write(const std::function<bool(std::string_view lines)>& take) const;
};

}  // namespace factord::ctl
