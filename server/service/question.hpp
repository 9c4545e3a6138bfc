#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "server/service/credentials/caller.hpp"
#include "server/service/entity_tags.hpp"
#include "server/service/event_filter.hpp"
#include "server/service/operation.hpp"
#include "storage/model/hash_chain.hpp"
#include "storage/model/records.pb.h"

namespace factord::service {

/// Ids that AddHumanUser and CreateToken may give, drawn before the decision so that the decision
/// stays pure: the first that is free is taken. Of 10^18, four taken ones at once do not happen.
inline constexpr std::size_t id_candidates = 4;

/// What may be said of any call. Text is valid UTF-8 without U+0000 and within its length limits:
/// the protocol layer checked it.
struct brief_input {
  std::string user_id;  ///< the target; AddHumanUser: the id asked for, empty for a generated one
  std::string authorization;  ///< the header field, as sent
  bool has_authorization = false;

  std::string retry_key;  ///< on a write: Idempotency-Key, without quotes; empty: none

  bool dry_run = false;  ///< RemoveOTPEmail, AddHumanUser: only says what would be

  entity_tags tags;  ///< on a user: those of If-Match of a write, of If-None-Match of a read

  /// Back to empty, keeping memory.
  void clear();
};

/// What a call asks for. Only what its operation reads is set, and by one that is_brief() nothing
/// of what stands here.
struct call_input : brief_input {
  std::string org;                ///< AddHumanUser: empty for the caller's; CreateToken
  std::string username;           ///< AddHumanUser: empty for the email
  storage::profile person;        ///< AddHumanUser
  std::string email;              ///< AddHumanUser
  bool email_verified = false;    ///< AddHumanUser
  bool return_code = false;       ///< AddHumanUser
  bool otp_email = false;         ///< AddHumanUser, in bulk: with the factor from its beginning on
  std::string verification_code;  ///< VerifyEmail

  bool wants_otp_email = true;  ///< ListAuthenticationFactors: the filters let it through
  std::uint64_t after = 0;      ///< ListEvents
  std::size_t limit = 0;        ///< ListEvents; ListTokens: 0 for all, if they fit a page
  event_filter filter;          ///< ListEvents
  std::chrono::seconds wait{};  ///< ListEvents: for the first event, at most
  bool follow = false;          ///< ListEvents, bulks: is answered in parts
  std::string of_store;         ///< ListEvents: the store that `after` is of; empty: not said

  role_set roles;                                ///< CreateToken
  std::optional<std::chrono::seconds> lifetime;  ///< CreateToken
  std::string token_id;  ///< RevokeToken; ListTokens: only those with ids above this

  std::string directory;     ///< StartBackup: an absolute path
  std::uint64_t backup = 0;  ///< GetBackup: its number; 0 is none

  /// Back to empty, keeping memory.
  void clear();
};

/// Of a write with a retry_key (retry.hpp).
struct retry_draw {
  storage::digest key{};
  storage::digest request{};
  std::chrono::milliseconds window{};  ///< for so long after the event its answer is kept
};

/// What was drawn or computed for a call before its decision.
struct call_draws {
  std::array<std::string, id_candidates> ids;  ///< AddHumanUser, CreateToken
  std::string email_code;                      ///< AddHumanUser with returnCode, ResendEmailCode
  std::string token;                           ///< CreateToken
  storage::digest code_hash{};                 ///< of the verification code, sent or new
  storage::digest token_hash{};                ///< CreateToken, RevokeToken
  retry_draw retry;

  void clear();
};

/// All that a decision depends on beside the states and the time. Complete, and constant, once its
/// call was submitted.
struct question {
  operation op = operation::stats;
  call_input in;
  caller who;
  call_draws draws;
};

}  // namespace factord::service
