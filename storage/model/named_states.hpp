#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "storage/model/hash_chain.hpp"
#include "storage/model/keys.hpp"
#include "storage/model/retries.hpp"
#include "storage/model/state_table.hpp"

/// The states of a batch by what they are of. Keys are made in scratch memory that outlives these
/// and is kept, so that the main job allocates nothing for them.
namespace factord::storage {

/// Asks for states, for decisions to read and events to change.
class wanted_states {
 public:
  wanted_states(state_table& table, std::string& scratch) noexcept : table_(table), key_(scratch) {}

  void user(std::string_view id) {
    set_user_key(key_, id);
    table_.want(key_);
  }
  void otp_email(std::string_view user_id) {
    set_factor_key(key_, user_id, factor_type::otp_email);
    table_.want(key_);
  }
  void username(std::string_view org, std::string_view name) {
    set_username_key(key_, org, name);
    table_.want(key_);
  }
  void token(const digest& hash) {
    set_token_key(key_, as_bytes(hash));
    table_.want(key_);
  }
  void token_id(std::string_view id) {
    set_token_id_key(key_, id);
    table_.want(key_);
  }
  void retry(const digest& key) { list_retry(as_bytes(key), table_); }
  void last_event(std::string_view user_id) {
    set_last_event_key(key_, user_id);
    table_.want(key_);
  }

 private:
  state_table& table_;
  std::string& key_;
};

/// Reads those that were asked for (checked): the record's bytes, or nothing where there is none.
/// Valid until the next event of the batch.
class known_states {
 public:
  using record = std::optional<std::string_view>;

  known_states(const state_table& table, std::string& scratch) noexcept
      : table_(table), key_(scratch) {}

  [[nodiscard]] record user(std::string_view id) const {
    set_user_key(key_, id);
    return table_.get(key_);
  }
  [[nodiscard]] record otp_email(std::string_view user_id) const {
    set_factor_key(key_, user_id, factor_type::otp_email);
    return table_.get(key_);
  }
  [[nodiscard]] record username(std::string_view org, std::string_view name) const {
    set_username_key(key_, org, name);
    return table_.get(key_);
  }
  [[nodiscard]] record token(const digest& hash) const {
    set_token_key(key_, as_bytes(hash));
    return table_.get(key_);
  }
  [[nodiscard]] record token_id(std::string_view id) const {
    set_token_id_key(key_, id);
    return table_.get(key_);
  }
  /// What a request with this key was answered, while that is kept.
  [[nodiscard]] std::optional<retry_record> retry(const digest& key, timestamp now) const {
    return find_retry(table_, as_bytes(key), now);
  }
  /// How many of those that are kept one event may end now.
  [[nodiscard]] std::uint32_t ended_retries(timestamp now) const {
    return count_ended_retries(table_, now);
  }
  /// Its sequence, with the events of the batch; 0 where the user has none.
  [[nodiscard]] std::uint64_t last_event(std::string_view user_id) const {
    set_last_event_key(key_, user_id);
    const record found = table_.get(key_);
    return found ? read_sequence(*found) : 0;
  }

 private:
  const state_table& table_;
  std::string& key_;
};

}  // namespace factord::storage
