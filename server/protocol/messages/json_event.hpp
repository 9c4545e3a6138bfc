#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/model/records.pb.h"

/// The log as JSON. Each appends to `out`.
namespace factord::protocol {

/// One event, without its private part (API.md, section 2, "Ours").
void write_json_event(std::uint64_t sequence, const storage::event_record& event, std::string& out);

/// Such as GENDER_FEMALE; empty where it is none.
[[nodiscard]] std::string_view gender_name(std::uint32_t gender);

void write_json_profile(const storage::profile& person, std::string& out);

}  // namespace factord::protocol
