#include "server/protocol/router.hpp"

#include <gtest/gtest.h>

#include <set>

namespace factord::protocol::router_test {
namespace {

using enum service::operation;

struct route_case {
  surface on;
  verb method;
  std::string_view target;
  destination to;
  std::optional<service::operation> op;
  std::string_view id;
  std::string_view allow;
};

constexpr auto api_ = surface::api;
constexpr auto admin_ = surface::admin;
constexpr auto monitoring_ = surface::monitoring;
constexpr auto op_ = destination::operation;
constexpr auto none = std::nullopt;
constexpr auto lost = destination::not_found;
constexpr auto barred = destination::method_not_allowed;

const route_case cases[] = {
    {api_, verb::delete_, "/v2/users/u1/otp_email", op_, remove_otp_email, "u1", ""},
    {api_, verb::post, "/v2/users/u1/otp_email", op_, add_otp_email, "u1", ""},
    {api_, verb::get, "/v2/users/u1/otp_email", barred, none, "", "DELETE, POST"},
    {api_, verb::get, "/v2/users/u1", op_, get_user, "u1", ""},
    {api_, verb::head, "/v2/users/u1", op_, get_user, "u1", ""},
    {api_, verb::delete_, "/v2/users/u1", op_, delete_user, "u1", ""},
    {api_, verb::put, "/v2/users/u1", barred, none, "", "DELETE, GET, HEAD"},
    {api_, verb::post, "/v2/users/human", op_, add_human_user, "", ""},
    {api_, verb::post, "/v2/users/otp_email/_bulk_remove", op_, bulk_remove_otp_email, "", ""},
    {api_, verb::get, "/v2/users/otp_email/_bulk_remove", barred, none, "", "POST"},
    {api_, verb::post, "/v2/users/otp_email/_bulk_remove/", lost, none, "", ""},
    {api_, verb::get, "/v2/users/human", op_, get_user, "human", ""},
    {api_, verb::post, "/v2/users/human/_bulk_add", op_, bulk_add_human_user, "", ""},
    {api_, verb::delete_, "/v2/users/human/_bulk_add", barred, none, "", "POST"},
    {api_, verb::post, "/v2/users/human/_bulk_add/", lost, none, "", ""},
    {api_, verb::post, "/v2/users/u1/lock", op_, lock_user, "u1", ""},
    {api_, verb::post, "/v2/users/u1/unlock", op_, unlock_user, "u1", ""},
    {api_, verb::post, "/v2/users/u1/deactivate", op_, deactivate_user, "u1", ""},
    {api_, verb::post, "/v2/users/u1/reactivate", op_, reactivate_user, "u1", ""},
    {api_, verb::post, "/v2/users/u1/email/verify", op_, verify_email, "u1", ""},
    {api_, verb::post, "/v2/users/u1/email/resend", op_, resend_email_code, "u1", ""},
    {api_, verb::get, "/v2/users/u1/authentication_methods", op_, list_method_types, "u1", ""},
    {api_, verb::post, "/v2/users/u1/authentication_factors/_search", op_, list_factors, "u1", ""},
    {api_, verb::get, "/v2/events?after=1", op_, list_events, "", ""},
    {api_, verb::get, "/healthz", destination::alive, none, "", ""},
    {api_, verb::head, "/livez?x=1", destination::alive, none, "", ""},
    {api_, verb::get, "/debug/healthz", destination::alive, none, "", ""},
    {api_, verb::get, "/readyz", destination::ready, none, "", ""},
    {api_, verb::get, "/debug/ready", destination::ready, none, "", ""},
    {api_, verb::get, "/openapi.json", destination::json_description, none, "", ""},
    {api_, verb::head, "/openapi.yaml?x", destination::yaml_description, none, "", ""},
    {api_, verb::post, "/openapi.json", barred, none, "", "GET, HEAD"},
    {api_, verb::post, "/readyz", barred, none, "", "GET, HEAD"},
    {api_, verb::options, "/v2/events", destination::preflight, none, "", ""},

    {api_, verb::delete_, "/v2/users/u1/otp_email/", lost, none, "", ""},
    {api_, verb::delete_, "/v2/users//otp_email", lost, none, "", ""},
    {api_, verb::delete_, "//v2/users/u1/otp_email", lost, none, "", ""},
    {api_, verb::delete_, "/v2/users/a%2Fb/otp_email", lost, none, "", ""},
    {api_, verb::delete_, "/v2/users/a%20b/otp_email?x", op_, remove_otp_email, "a b", ""},
    {api_, verb::delete_, "/v2/users/u1/otp%5Femail", op_, remove_otp_email, "u1", ""},
    {api_, verb::delete_, "/v2/users/u1/otp%5Gemail", lost, none, "", ""},
    {api_, verb::delete_, "/V2/users/u1/otp_email", lost, none, "", ""},
    {api_, verb::get, "/", lost, none, "", ""},
    {api_, verb::get, "*", lost, none, "", ""},
    {api_, verb::get, "/grpc.health.v1.Health/Watch", barred, none, "", "POST"},
    {api_, verb::options, "*", destination::server_options, none, "", ""},
    {admin_, verb::options, "*", destination::server_options, none, "", ""},
    {api_, verb::get, "/admin/v1/stats", lost, none, "", ""},
    {api_, verb::get, "/openapi.yml", lost, none, "", ""},
    {admin_, verb::get, "/openapi.json", lost, none, "", ""},

    {admin_, verb::get, "/admin/v1/stats", op_, stats, "", ""},
    {admin_, verb::post, "/admin/v1/tokens", op_, create_token, "", ""},
    {admin_, verb::get, "/admin/v1/tokens", op_, list_tokens, "", ""},
    {admin_, verb::delete_, "/admin/v1/tokens/7", op_, revoke_token, "7", ""},
    {admin_, verb::get, "/admin/v1/events", op_, list_events, "", ""},
    {admin_, verb::post, "/admin/v1/users/otp_email/_bulk_remove", op_, bulk_remove_otp_email, "",
     ""},
    {admin_, verb::post, "/admin/v1/users/human/_bulk_add", op_, bulk_add_human_user, "", ""},
    {admin_, verb::post, "/admin/v1/backups", op_, start_backup, "", ""},
    {admin_, verb::get, "/admin/v1/backups/7", op_, get_backup, "7", ""},
    {admin_, verb::post, "/admin/v1/reset", op_, reset_store, "", ""},
    {admin_, verb::get, "/admin/v1/reset", barred, none, "", "POST"},
    {api_, verb::post, "/admin/v1/reset", lost, none, "", ""},
    {admin_, verb::get, "/admin/v1/backups", barred, none, "", "POST"},
    {admin_, verb::get, "/v2/users/u1", lost, none, "", ""},
    {admin_, verb::options, "/admin/v1/stats", barred, none, "", "GET, HEAD"},

    {monitoring_, verb::get, "/metrics", destination::metrics, none, "", ""},
    {monitoring_, verb::head, "/metrics", destination::metrics, none, "", ""},
    {monitoring_, verb::get, "/version", destination::version, none, "", ""},
    {monitoring_, verb::get, "/config", destination::settings, none, "", ""},
    {monitoring_, verb::get, "/livez", destination::alive, none, "", ""},
    {monitoring_, verb::get, "/readyz", destination::ready, none, "", ""},
    {monitoring_, verb::post, "/metrics", barred, none, "", "GET, HEAD"},
    {monitoring_, verb::options, "/metrics", barred, none, "", "GET, HEAD"},
    {monitoring_, verb::get, "/healthz", lost, none, "", ""},
    {monitoring_, verb::get, "/openapi.json", lost, none, "", ""},
    {monitoring_, verb::get, "/v2/events", lost, none, "", ""},
    {monitoring_, verb::delete_, "/v2/users/u1/otp_email", lost, none, "", ""},
    {monitoring_, verb::get, "/admin/v1/stats", lost, none, "", ""},
    {monitoring_, verb::post, "/admin/v1/tokens", lost, none, "", ""},
    {monitoring_, verb::post, "/grpc.health.v1.Health/Check", lost, none, "", ""},
    {api_, verb::get, "/metrics", lost, none, "", ""},
    {api_, verb::get, "/version", lost, none, "", ""},
    {api_, verb::get, "/config", lost, none, "", ""},
    {admin_, verb::get, "/metrics", lost, none, "", ""},
    {admin_, verb::get, "/config", lost, none, "", ""},
};

void find(surface on, verb method, std::string_view target, bool has_origin, route_match& out) {
  request incoming;
  incoming.method = method;
  incoming.target = target;
  if (has_origin) incoming.add(field::origin, "https://a.example");
  find_route(on, incoming, out);
}

TEST(router, finds_what_the_contract_names_and_nothing_else) {
  route_match match;
  for (const route_case& one : cases) {
    find(one.on, one.method, one.target, one.method == verb::options, match);
    EXPECT_EQ(match.to, one.to) << one.target;
    EXPECT_EQ(match.op, one.op.value_or(match.op)) << one.target;
    EXPECT_EQ(one.to == op_ ? match.id : one.id, one.id) << one.target;
    EXPECT_EQ(match.allow, one.allow) << one.target;
    EXPECT_FALSE(match.id_malformed) << one.target;
  }
}

TEST(router, every_operation_has_a_route) {
  std::set<service::operation> reached;
  for (const route_case& one : cases) {
    if (one.op) reached.insert(*one.op);
  }
  EXPECT_EQ(reached.size(), service::operation_count);
}

TEST(router, bulks_come_in_parts_and_nothing_else_does_over_http1) {
  for (const std::string_view target :
       {"/v2/users/otp_email/_bulk_remove", "/v2/users/otp_email/_bulk_remove?dryRun=true",
        "/admin/v1/users/otp_email/_bulk_remove", "/factord.v1.FactorService/BulkRemoveOTPEmail",
        "/v2/users/human/_bulk_add", "/admin/v1/users/human/_bulk_add",
        "/factord.v1.UserService/BulkAddHumanUser",
        // However they are spelled.
        "/v2/users/otp_email/%5Fbulk_remove", "/v2/%75sers/otp%5femail/_bulk_remove?dryRun=true",
        "/factord.v1.FactorService/BulkRemoveOTPEmai%6C"}) {
    EXPECT_TRUE(is_bulk(target)) << target;
    EXPECT_TRUE(is_streaming(target)) << target;
  }
  for (const std::string_view target :
       {"/v2/users/human", "/v2/users/human/_bulk_add/", "/", "", "/healthz",
        "/factord.v1.EventService/Watch", "/factord.v1.UserService/BulkRemoveOTPEmail",
        "/v2/users/otp_email%2F_bulk_remove", "/v2/users/otp_email/%255Fbulk_remove",
        "/v2/users/otp_email/%5"}) {
    EXPECT_FALSE(is_bulk(target)) << target;
  }
}

TEST(router, a_malformed_id_is_found_and_marked) {
  route_match match;
  find(api_, verb::delete_, "/v2/users/%zz/otp_email", false, match);
  EXPECT_EQ(match.to, destination::operation);
  EXPECT_TRUE(match.id_malformed);
}

TEST(router, nothing_of_an_earlier_request_stays) {
  route_match match;
  find(api_, verb::delete_, "/v2/users/%zz/otp_email", false, match);
  find(api_, verb::post, "/zitadel.user.v2.UserService/LockUser", false, match);
  EXPECT_EQ(match.id, "");
  EXPECT_FALSE(match.id_malformed);
}

TEST(router, options_without_origin_is_an_ordinary_verb) {
  route_match match;
  find(api_, verb::options, "/v2/events", false, match);
  EXPECT_EQ(match.to, destination::method_not_allowed);
}

}  // namespace
}  // namespace factord::protocol::router_test
