#pragma once

#include <string_view>

namespace factord::storage {

/// How many standbys have to have a commit before the database answers it, by its setting
/// synchronous_standby_names: none where it is empty, the number of `FIRST n (…)`, `ANY n (…)` and
/// `n (…)`, and one of a list without a number. Those that are missing are waited for, so whatever
/// was answered is on so many, whether or not they are there now. The server has checked the
/// setting: what is not understood is a list of names.
[[nodiscard]] unsigned demanded_standbys(std::string_view setting) noexcept;

}  // namespace factord::storage
