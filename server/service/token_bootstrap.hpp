#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/service/answer.hpp"
#include "server/service/question.hpp"
#include "storage/base/error.hpp"
#include "storage/commit/command.hpp"

/// The token that an operator brings along, in a file of the server's.
namespace factord::service {

/// The id that it has, and no other token: those are numbers.
inline constexpr std::string_view bootstrap_token_id = "bootstrap";

/// Whose it is, and what it allows.
struct bootstrap_grant {
  std::string user_id;
  role_set roles;
  std::string org;  ///< on which ORG_ roles hold; empty where there is none
};

/// Fails with errc::bad_argument where roles and org do not go together.
[[nodiscard]] result<void> check_grant(const bootstrap_grant& grant);

/// What a file says, without the end of its line: 1 to 512 characters that may stand behind
/// "Bearer" (RFC 6750, section 2.1). errc::bad_argument, without the text, where it is none.
[[nodiscard]] result<std::string> token_in(std::string file);

enum class bootstrap_outcome : std::uint8_t {
  kept,      ///< the store has it already: no event
  created,   ///< there was none
  replaced,  ///< one with another text, user or roles was revoked in the same batch
};

/// Has the store hold the bootstrap token with this text, by its hash, and no other one: with the
/// events, and by the decisions, of CreateToken and RevokeToken on the admin socket. Done again it
/// changes nothing.
class token_bootstrap final : public storage::command {
 public:
  token_bootstrap(const bootstrap_grant& grant, std::string_view text, std::uint32_t shard);

  /// Once it was completed.
  [[nodiscard]] result<bootstrap_outcome> outcome() const;

  // storage::command
  void list_keys(storage::state_table& table) const override;
  void list_more_keys(storage::state_table& table, const storage::log_head& head) const override;
  void decide(const storage::state_table& states, const storage::decision_times& at,
              storage::event_sink& events) override;
  void finish(storage::commit_outcome outcome) noexcept override;
  std::size_t size_bytes() const noexcept override { return sizeof(*this); }

 private:
  question wanted_;
  answer out_;
  bootstrap_outcome did_{};
  storage::commit_outcome committed_{};
  mutable std::string key_;  ///< scratch for those of states
};

}  // namespace factord::service
