#pragma once

#include <span>
#include <string>
#include <string_view>

namespace factord {

/// The one of `names` that somebody who wrote `unknown` may have meant: the fewest letters that are
/// missing, too many, others or swapped, at most a third of them. Empty where none is that near.
[[nodiscard]] std::string nearest_name(std::string_view unknown,
                                       std::span<const std::string> names);

}  // namespace factord
