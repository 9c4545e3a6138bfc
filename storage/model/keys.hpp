#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "storage/model/format.hpp"

/// The keys of the store. Numbers are big-endian, so byte order is number order; 0x00 separates,
/// because ids, org ids and names never hold U+0000. This is format 2 (storage/model/format.hpp);
/// format 1 has no 'i', and usernames as they were given.
///
///   family default (state): one type byte, then
///     'u' user id                              → user_record
///     'f' user id 0x00 factor type (1 byte)    → factor_record
///     'n' org id 0x00 username in lower case   → username_record
///     't' SHA-256 of the token (32 bytes)      → token_record
///     'i' token id                             → SHA-256 of the token (32 bytes)
///     'k' SHA-256 of the retry key (32 bytes)  → retry_record
///     'w' place (8 bytes)                      → retry_place
///     'q'                                      → retry_queue
///     'm' name                                 → bytes (storage/rocksdb/store_meta.hpp)
///   family events:
///     sequence (8 bytes)                       → chain hash (32 bytes) ‖ event_record
///   family user_events:
///     user id 0x00 sequence (8 bytes)          → empty
///
/// And one that is of no family. Nothing is stored under it: whoever reads it is answered from
/// user_events, and a batch that appends events has those in it.
///     'l' user id                              → sequence of the user's last event (8 bytes)
namespace factord::storage {

enum class key_kind : char {
  user = 'u',
  factor = 'f',
  username = 'n',
  token = 't',
  token_id = 'i',
  retry = 'k',
  retry_place = 'w',
  retry_queue = 'q',
  meta = 'm',
  last_event = 'l'
};

/// Factors of a user. The numbers are part of the storage format.
enum class factor_type : std::uint8_t { otp_email = 1 };

/// Each sets `out` to the key, reusing its memory.
void set_user_key(std::string& out, std::string_view user_id);
void set_factor_key(std::string& out, std::string_view user_id, factor_type type);
/// Names that differ in case only have one key (storage/model/lower_case.hpp).
void set_username_key(std::string& out, std::string_view org, std::string_view username,
                      store_format format = store_format::current);
void set_token_key(std::string& out, std::string_view token_hash);
void set_token_id_key(std::string& out, std::string_view token_id);
void set_retry_key(std::string& out, std::string_view key_hash);
void set_retry_place_key(std::string& out, std::uint64_t place);
void set_retry_queue_key(std::string& out);
void set_meta_key(std::string& out, std::string_view name);
void set_last_event_key(std::string& out, std::string_view user_id);
void set_event_key(std::string& out, std::uint64_t sequence);
void set_user_event_key(std::string& out, std::string_view user_id, std::uint64_t sequence);

/// Whether a key is of kind last_event; then the rest of it is the user's id.
[[nodiscard]] inline bool is_last_event_key(std::string_view key) noexcept {
  return !key.empty() && key.front() == static_cast<char>(key_kind::last_event);
}
[[nodiscard]] inline bool is_retry_key(std::string_view key) noexcept {
  return !key.empty() && key.front() == static_cast<char>(key_kind::retry);
}
[[nodiscard]] inline std::string_view user_of_last_event_key(std::string_view key) {
  return key.substr(1);
}

/// The number in 8 big-endian bytes. `bytes` must hold exactly 8.
[[nodiscard]] std::uint64_t read_sequence(std::string_view bytes);

/// A user_events key, taken apart. `sequence` is 0 where the key is not one.
struct user_event_key {
  std::string_view user_id;
  std::uint64_t sequence = 0;
};
[[nodiscard]] user_event_key split_user_event_key(std::string_view key);

}  // namespace factord::storage
