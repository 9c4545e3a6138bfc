#pragma once

#include <cstdint>
#include <optional>
#include <string>

/// Checks for option values, in the form that CLI11 takes: the reason against the value, or empty.
namespace factord::ctl {

[[nodiscard]] std::string check_not_empty(const std::string& text);

/// An id, an org id: 1 to 200 characters of UTF-8 without U+0000.
[[nodiscard]] std::string check_id(const std::string& text);

/// A name of the role table.
[[nodiscard]] std::string check_role(const std::string& text);

/// The name of a type of event.
[[nodiscard]] std::string check_event_type(const std::string& text);

/// A time as RFC 3339 has it.
[[nodiscard]] std::string check_time(const std::string& text);

/// See parse_duration.
[[nodiscard]] std::string check_duration(const std::string& text);

/// A sequence: 0 to 2^64 - 1.
[[nodiscard]] std::string check_sequence(const std::string& text);

/// A sequence that an event can have: 1 to 2^64 - 1.
[[nodiscard]] std::string check_event_sequence(const std::string& text);

/// The id of a backup: 1 to 2^32 - 1.
[[nodiscard]] std::string check_backup_id(const std::string& text);
/// Such an id; nothing where it was not given.
[[nodiscard]] std::optional<std::uint32_t> backup_id(const std::string& text);

/// A number of users to seed: 1 to 100,000,000.
[[nodiscard]] std::string check_user_count(const std::string& text);

}  // namespace factord::ctl
