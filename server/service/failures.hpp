#pragma once

#include "server/service/answer.hpp"

/// Errors of the wire contract (API.md) that more than one place answers with.
namespace factord::service {

/// Whatever is wrong with a credential that was shown.
inline constexpr failure token_invalid{status_code::unauthenticated, "AUTH-7fs1e",
                                       "Errors.Token.Invalid"};
inline constexpr failure no_permission{status_code::permission_denied, "AUTH-AWfge",
                                       "No matching permissions found"};
/// The same, of AddHumanUser.
inline constexpr failure no_user_permission{status_code::permission_denied, "AUTH-5mWD2",
                                            "No matching permissions found"};

/// Of VerifyEmail and ResendEmailCode.
inline constexpr failure email_not_found{status_code::not_found, "COMMAND-ieJ2e",
                                         "Email not found"};
/// Of If-Match, on every write.
inline constexpr failure tag_mismatch{status_code::failed_precondition, "FACTORD-Match",
                                      "the user is not as If-Match has it, nothing was done"};

/// Of Idempotency-Key, on every write.
inline constexpr failure key_reused{status_code::failed_precondition, "",
                                    "idempotency key was used for another request"};

/// Of a write on which the store has failed.
inline constexpr failure outcome_unknown{status_code::internal, "",
                                         "storage failed, outcome unknown"};

/// Of a token's id that is asked for.
inline constexpr failure token_unknown{status_code::not_found, "", "no such token"};

}  // namespace factord::service
