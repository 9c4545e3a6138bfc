#pragma once

#include <cstdint>
#include <string_view>

#include "storage/model/records.pb.h"

/// Whose a username is: the ids of a username_record, each once, in the order of their bytes, so
/// that equal holders are equal bytes whatever came first.
namespace factord::storage {

void add_holder(username_record& name, std::string_view user_id);
void remove_holder(username_record& name, std::string_view user_id);

/// True where the first record is one, and has all holders of the second.
[[nodiscard]] bool holds_all(std::string_view record, std::string_view of);

/// How many it has; 1 where it is no record or has none, so that it counts.
[[nodiscard]] std::uint64_t count_holders(std::string_view record);

}  // namespace factord::storage
