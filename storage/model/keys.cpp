#include "storage/model/keys.hpp"

#include "storage/base/check.hpp"
#include "storage/model/lower_case.hpp"

namespace factord::storage {

namespace {

constexpr std::size_t sequence_bytes = 8;

void start(std::string& out, key_kind kind) { out.assign(1, static_cast<char>(kind)); }

void append_sequence(std::string& out, std::uint64_t sequence) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out += static_cast<char>(static_cast<unsigned char>(sequence >> static_cast<unsigned>(shift)));
  }
}

}  // namespace

void set_user_key(std::string& out, std::string_view user_id) {
  start(out, key_kind::user);
  out += user_id;
}

void set_factor_key(std::string& out, std::string_view user_id, factor_type type) {
  start(out, key_kind::factor);
  out += user_id;
  out += '\0';
  out += static_cast<char>(type);
}

void set_username_key(std::string& out, std::string_view org, std::string_view username,
                      store_format format) {
  start(out, key_kind::username);
  out += org;
  out += '\0';
  if (format == store_format::first) {
    out += username;
  } else {
    append_lower_case(out, username);
  }
}

void set_token_key(std::string& out, std::string_view token_hash) {
  start(out, key_kind::token);
  out += token_hash;
}

void set_token_id_key(std::string& out, std::string_view token_id) {
  start(out, key_kind::token_id);
  out += token_id;
}

void set_retry_key(std::string& out, std::string_view key_hash) {
  start(out, key_kind::retry);
  out += key_hash;
}

void set_retry_place_key(std::string& out, std::uint64_t place) {
  start(out, key_kind::retry_place);
  append_sequence(out, place);
}

void set_retry_queue_key(std::string& out) { start(out, key_kind::retry_queue); }

void set_meta_key(std::string& out, std::string_view name) {
  start(out, key_kind::meta);
  out += name;
}

void set_last_event_key(std::string& out, std::string_view user_id) {
  start(out, key_kind::last_event);
  out += user_id;
}

void set_event_key(std::string& out, std::uint64_t sequence) {
  out.clear();
  append_sequence(out, sequence);
}

void set_user_event_key(std::string& out, std::string_view user_id, std::uint64_t sequence) {
  out.assign(user_id);
  out += '\0';
  append_sequence(out, sequence);
}

std::uint64_t read_sequence(std::string_view bytes) {
  FACTORD_CHECK(bytes.size() == sequence_bytes);
  std::uint64_t sequence = 0;
  for (const char byte : bytes) sequence = sequence << 8U | static_cast<unsigned char>(byte);
  return sequence;
}

user_event_key split_user_event_key(std::string_view key) {
  if (key.size() <= sequence_bytes) return {};
  const std::size_t user_size = key.size() - sequence_bytes - 1;
  // The first 0x00 must be the separator: an id holds none, so that no two keys read the same.
  if (key.find('\0') != user_size) return {};
  return {.user_id = key.substr(0, user_size),
          .sequence = read_sequence(key.substr(user_size + 1))};
}

}  // namespace factord::storage
