#include <array>

#include "server/protocol/messages/add_human_user.hpp"
#include "server/protocol/messages/admin_requests.hpp"
#include "server/protocol/messages/bulk_addition.hpp"
#include "server/protocol/messages/bulk_removal.hpp"
#include "server/protocol/messages/endpoint.hpp"
#include "server/protocol/messages/event_watch.hpp"
#include "server/protocol/messages/json_answer.hpp"

namespace factord::protocol {
namespace {

namespace admin = factord::admin::v1;
namespace v2 = zitadel::user::v2;

using service::operation;

constexpr std::array<std::string_view, 6> of_events = {"after", "limit", "user",
                                                       "from",  "to",    "wait"};
constexpr std::array<std::string_view, 3> of_events_repeatable = {"type", "creator", "org"};
constexpr std::array<std::string_view, 1> of_bulks = {"dryRun"};
constexpr std::array<std::string_view, 2> of_tokens = {"after", "limit"};

constexpr query_rule events_query{of_events,
                                  "unknown query parameter: after, limit, user, type, creator, "
                                  "org, from, to and wait are those known here",
                                  of_events_repeatable};
constexpr query_rule bulk_query{of_bulks, "unknown query parameter: dryRun is the one known here"};
constexpr query_rule tokens_query{of_tokens,
                                  "unknown query parameter: after and limit are those known here"};

constexpr auto table = std::to_array<endpoint>({
    {.which = operation::remove_otp_email,
     .method = verb::delete_,
     .path = "/v2/users/{id}/otp_email",
     .messages = bind<v2::RemoveOTPEmailRequest, v2::RemoveOTPEmailResponse>(),
     .write_json = write_json_details},
    {.which = operation::add_otp_email,
     .method = verb::post,
     .path = "/v2/users/{id}/otp_email",
     .messages = bind<v2::AddOTPEmailRequest, v2::AddOTPEmailResponse>(),
     .write_json = write_json_details},
    {.which = operation::add_human_user,
     .method = verb::post,
     .path = "/v2/users/human",
     .success = 201,
     .messages = bind<v2::AddHumanUserRequest, v2::AddHumanUserResponse, read_add_human_user>(),
     .write_json = write_json_added_user},
    {.which = operation::verify_email,
     .method = verb::post,
     .path = "/v2/users/{id}/email/verify",
     .messages = bind<v2::VerifyEmailRequest, v2::VerifyEmailResponse, read_verify_email>(),
     .write_json = write_json_details},
    {.which = operation::resend_email_code,
     .method = verb::post,
     .path = "/v2/users/{id}/email/resend",
     .messages =
         bind<v2::ResendEmailCodeRequest, v2::ResendEmailCodeResponse, read_resend_email_code>(),
     .write_json = write_json_new_code},
    {.which = operation::lock_user,
     .method = verb::post,
     .path = "/v2/users/{id}/lock",
     .messages = bind<v2::LockUserRequest, v2::LockUserResponse>(),
     .write_json = write_json_details},
    {.which = operation::unlock_user,
     .method = verb::post,
     .path = "/v2/users/{id}/unlock",
     .messages = bind<v2::UnlockUserRequest, v2::UnlockUserResponse>(),
     .write_json = write_json_details},
    {.which = operation::deactivate_user,
     .method = verb::post,
     .path = "/v2/users/{id}/deactivate",
     .messages = bind<v2::DeactivateUserRequest, v2::DeactivateUserResponse>(),
     .write_json = write_json_details},
    {.which = operation::reactivate_user,
     .method = verb::post,
     .path = "/v2/users/{id}/reactivate",
     .messages = bind<v2::ReactivateUserRequest, v2::ReactivateUserResponse>(),
     .write_json = write_json_details},
    {.which = operation::delete_user,
     .method = verb::delete_,
     .path = "/v2/users/{id}",
     .messages = bind<v2::DeleteUserRequest, v2::DeleteUserResponse>(),
     .write_json = write_json_details},
    {.which = operation::create_token,
     .method = verb::post,
     .path = {},
     .admin_path = "/admin/v1/tokens",
     .success = 201,
     .messages = bind_request<admin::CreateTokenRequest, read_create_token>(),
     .query = &no_query,
     .write_json = write_json_new_token},
    {.which = operation::revoke_token,
     .method = verb::delete_,
     .path = {},
     .admin_path = "/admin/v1/tokens/{id}",
     .read_path = read_revoke_token,
     .query = &no_query,
     .write_json = write_json_details},
    {.which = operation::get_user,
     .method = verb::get,
     .path = "/v2/users/{id}",
     .messages = bind<v2::GetUserByIDRequest, v2::GetUserByIDResponse>(),
     .write_json = write_json_user},
    {.which = operation::list_method_types,
     .method = verb::get,
     .path = "/v2/users/{id}/authentication_methods",
     .messages = bind<v2::ListAuthenticationMethodTypesRequest,
                      v2::ListAuthenticationMethodTypesResponse>(),
     .write_json = write_json_method_types},
    {.which = operation::list_factors,
     .method = verb::post,
     .path = "/v2/users/{id}/authentication_factors/_search",
     .messages = bind<v2::ListAuthenticationFactorsRequest, v2::ListAuthenticationFactorsResponse,
                      read_list_factors>(),
     .write_json = write_json_factors},
    {.which = operation::list_events,
     .method = verb::get,
     .path = "/v2/events",
     .admin_path = "/admin/v1/events",
     .stream = bind<factord::v1::WatchRequest, factord::v1::WatchResponse, read_watch>(),
     .read_path = read_list_events,
     .query = &events_query,
     .write_json = write_json_events},
    {.which = operation::list_tokens,
     .method = verb::get,
     .path = {},
     .admin_path = "/admin/v1/tokens",
     .read_path = read_list_tokens,
     .query = &tokens_query,
     .write_json = write_json_tokens},
    {.which = operation::stats,
     .method = verb::get,
     .path = {},
     .admin_path = "/admin/v1/stats",
     .read_path = read_stats,
     .query = &no_query,
     .write_json = write_json_stats},
    {.which = operation::start_backup,
     .method = verb::post,
     .path = {},
     .admin_path = "/admin/v1/backups",
     .messages = bind_request<admin::StartBackupRequest, read_start_backup>(),
     .query = &no_query,
     .write_json = write_json_backup},
    {.which = operation::get_backup,
     .method = verb::get,
     .path = {},
     .admin_path = "/admin/v1/backups/{id}",
     .read_path = read_get_backup,
     .query = &no_query,
     .write_json = write_json_backup},
    {.which = operation::reset_store,
     .method = verb::post,
     .path = {},
     .admin_path = "/admin/v1/reset",
     .messages = bind_request<admin::ResetStoreRequest, read_reset_store>(),
     .query = &no_query,
     .write_json = write_json_head},
    {.which = operation::bulk_remove_otp_email,
     .method = verb::post,
     .path = "/v2/users/otp_email/_bulk_remove",
     .admin_path = "/admin/v1/users/otp_email/_bulk_remove",
     .read_path = read_bulk,
     .query = &bulk_query,
     .bulk = &bulk_removal},
    {.which = operation::bulk_add_human_user,
     .method = verb::post,
     .path = "/v2/users/human/_bulk_add",
     .admin_path = "/admin/v1/users/human/_bulk_add",
     .read_path = read_bulk,
     .query = &bulk_query,
     .bulk = &bulk_addition},
});

// Where UBSan looks for null, GCC takes no comparison of a function with it for constant (its bug
// 71962); the sanitizer builds have the tests of the table.
#ifndef __SANITIZE_ADDRESS__
static_assert(is_complete(table), "an operation without a row of its own, or with half a row");
#endif

}  // namespace

std::span<const endpoint> endpoints() noexcept { return table; }

const endpoint& endpoint_of(operation which) noexcept {
  return table[static_cast<std::size_t>(which)];
}

}  // namespace factord::protocol
