#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "server/service/answer.hpp"
#include "server/service/operation.hpp"
#include "server/service/permission.hpp"
#include "server/service/ticket.hpp"
#include "storage/commit/command.hpp"
#include "storage/model/hash_chain.hpp"

namespace factord::service {

class counters;

/// Ids that AddHumanUser and CreateToken may give, drawn before the decision so that the decision
/// stays pure: the first that is free is taken. Of 10^18, four taken ones at once do not happen.
inline constexpr std::size_t id_candidates = 4;

inline constexpr auto no_deadline = std::chrono::steady_clock::time_point::max();

/// What a call asks for. Only what its operation reads is set. Text is valid UTF-8 without U+0000
/// and within its length limits: the protocol layer checked it.
struct call_input {
  std::string user_id;  ///< the target; AddHumanUser: the id asked for, empty for a generated one
  std::string authorization;  ///< the header field, as sent
  bool has_authorization = false;
  bool trusted = false;  ///< came over the admin socket: no token, every permission

  std::string org;                ///< AddHumanUser: empty for the caller's; CreateToken
  std::string username;           ///< AddHumanUser: empty for the email
  storage::profile person;        ///< AddHumanUser
  std::string email;              ///< AddHumanUser
  bool email_verified = false;    ///< AddHumanUser
  bool return_code = false;       ///< AddHumanUser
  std::string verification_code;  ///< VerifyEmail

  bool wants_otp_email = true;  ///< ListAuthenticationFactors: the filters let it through
  std::uint64_t after = 0;      ///< ListEvents
  std::size_t limit = 0;        ///< ListEvents; ListTokens: 0 for all, if they fit a page

  role_set roles;                                ///< CreateToken
  std::optional<std::chrono::seconds> lifetime;  ///< CreateToken
  std::string token_id;  ///< RevokeToken; ListTokens: only those with ids above this

  std::string directory;     ///< StartBackup: an absolute path
  std::uint64_t backup = 0;  ///< GetBackup: its number; 0 is none

  /// Back to empty, keeping memory.
  void clear();
};

/// Why the protocol layer found a request wanting. Kept until its turn: authentication comes first.
struct rejection {
  status_code code = status_code::ok;  ///< ok: nothing was wrong
  std::string_view error_id;           ///< static
  std::string message;
};

/// What was drawn or computed for a call before its decision.
struct call_draws {
  std::array<std::string, id_candidates> ids;  ///< AddHumanUser, CreateToken
  storage::digest code_hash{};                 ///< of the verification code, sent or new
  storage::digest token_hash{};                ///< CreateToken, RevokeToken
};

/// One request on its way through the service: what is asked, by whom, and the answer. Belongs to
/// the call_pool of its shard; a command is in the commit queue's hands from submit to completion.
class call final : public storage::command {
 public:
  explicit call(std::uint32_t shard) : command(shard) {}

  operation op = operation::stats;
  ticket way_back;                  ///< whose connection
  std::uint64_t request_id = 0;     ///< which request of it
  std::uint32_t protocol_note = 0;  ///< the protocol layer's own, for rendering the answer
  /// Not begun after this: the client does not wait any longer. What was queued by then is done.
  std::chrono::steady_clock::time_point deadline = no_deadline;
  call_input in;
  rejection rejected;
  caller who;
  storage::digest credential{};   ///< the hash of its token, while that is judged
  std::uint64_t token_epoch = 0;  ///< of the head by which `who` was found
  call_draws draws;
  answer out;
  counters* tally = nullptr;  ///< where the answer is counted; set by the service

  /// Scratch for state keys.
  mutable std::string key;

  void clear();

  // storage::command
  void list_keys(storage::state_table& table) const override;
  void list_more_keys(storage::state_table& table, const storage::log_head& head) const override;
  void decide(const storage::state_table& states, const storage::decision_times& at,
              storage::event_sink& events) override;
  void finish(storage::commit_outcome outcome) noexcept override;
  std::size_t size_bytes() const noexcept override;

 private:
  [[nodiscard]] bool known_by_another(std::uint64_t epoch) const noexcept;
};

}  // namespace factord::service
