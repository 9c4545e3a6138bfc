#include <google/protobuf/descriptor.h>
#include <gtest/gtest.h>

#include "server/protocol/messages/endpoint.hpp"
#include "server/protocol/proto/zitadel/user/v2/user_service.pb.h"
#include "server/protocol/router.hpp"
#include "server/protocol/rpc/reflection.hpp"
#include "storage/base/enum_table.hpp"

namespace factord::protocol::routes_test {
namespace {

using service::operation;

constexpr std::string_view service_path = "/zitadel.user.v2.UserService/";

route_match find(std::string_view target, std::string_view type, verb method = verb::post,
                 http_version version = http_version::http2) {
  request incoming;
  incoming.method = method;
  incoming.target = target;
  incoming.version = version;
  if (!type.empty()) incoming.add(field::content_type, type);
  route_match match;
  find_route(surface::api, incoming, match);
  return match;
}

// What no RPC of ZITADEL's reaches: ours, and those of the admin socket.
bool is_json_only(operation op) {
  using enum operation;
  return op == list_events || op == create_token || op == revoke_token || op == list_tokens ||
         op == stats || op == start_backup || op == get_backup || op == reset_store ||
         op == bulk_remove_otp_email || op == bulk_add_human_user;
}

TEST(rpc_routes, every_operation_is_reached_by_all_protocols_or_is_json_only) {
  for (std::size_t i = 0; i < service::operation_count; ++i) {
    const auto op = static_cast<operation>(i);
    const std::string target = std::string(service_path).append(service::traits(op).name);
    for (std::size_t f = 1; f < count_of<rpc_form>; ++f) {
      const auto form = static_cast<rpc_form>(f);
      const route_match match = find(target, traits(form).content_type);
      const bool unary = traits(form).protocol != rpc_protocol::connect_stream;
      if (is_json_only(op) || !unary) {
        EXPECT_NE(match.to, destination::operation) << target;
        continue;
      }
      EXPECT_EQ(match.to, destination::operation) << target << " " << f;
      EXPECT_EQ(match.op, op) << target;
      EXPECT_EQ(match.form, form) << target;
    }
    EXPECT_EQ(endpoint_of(op).messages.is_rpc(), !is_json_only(op)) << target;
  }
}

TEST(rpc_routes, every_method_of_the_descriptor_is_served) {
  const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      "zitadel.user.v2.UserService");
  ASSERT_NE(service, nullptr);
  std::size_t rpcs = 0;
  for (std::size_t i = 0; i < service::operation_count; ++i) {
    rpcs += is_json_only(static_cast<operation>(i)) ? 0 : 1;
  }
  EXPECT_EQ(static_cast<std::size_t>(service->method_count()), rpcs);
  for (int i = 0; i < service->method_count(); ++i) {
    const std::string target = std::string(service_path) + service->method(i)->name();
    EXPECT_EQ(find(target, "application/grpc").to, destination::operation) << target;
  }
}

// What reflection shows can be called.
TEST(rpc_routes, every_service_that_is_shown_is_served) {
  const auto& pool = *google::protobuf::DescriptorPool::generated_pool();
  for (const char* name :
       {"zitadel.user.v2.UserService", "factord.v1.EventService", "factord.v1.FactorService",
        "factord.v1.UserService", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection"}) {
    ASSERT_TRUE(is_served(name)) << name;
    const auto* shown = pool.FindServiceByName(name);
    for (int i = 0; i < shown->method_count(); ++i) {
      const std::string target = std::string("/").append(name) + "/" + shown->method(i)->name();
      const destination to = find(target, "application/grpc").to;
      EXPECT_NE(to, destination::unimplemented) << target;
      EXPECT_NE(to, destination::not_found) << target;
    }
  }
}

TEST(rpc_routes, unknown_ones_have_the_answer_of_their_protocol) {
  for (const std::string_view target :
       {"/zitadel.user.v2.UserService/SetPassword", "/zitadel.user.v2.UserService/",
        "/zitadel.user.v2.UserService/RemoveOTPEmail/",
        "/zitadel.user.v2.UserService/removeotpemail",
        "/zitadel.user.v2beta.UserService/RemoveOTPEmail", "/grpc.health.v1.Health/List", "/x"}) {
    EXPECT_EQ(find(target, "application/grpc").to, destination::unimplemented) << target;
    EXPECT_EQ(find(target, "application/grpc-web-text").to, destination::unimplemented) << target;
    EXPECT_EQ(find(target, "application/json").to, destination::not_found) << target;
    EXPECT_EQ(find(target, "").to, destination::not_found) << target;
  }
}

TEST(rpc_routes, wrong_verbs_types_and_versions) {
  const std::string_view removal = "/zitadel.user.v2.UserService/RemoveOTPEmail";
  for (const verb method : {verb::get, verb::head, verb::put, verb::delete_}) {
    const route_match match = find(removal, "application/json", method);
    EXPECT_EQ(match.to, destination::method_not_allowed);
    EXPECT_EQ(match.allow, "POST");
  }
  for (const std::string_view type : {"", "text/plain", "application/connect+proto"}) {
    EXPECT_EQ(find(removal, type).to, destination::unsupported_media_type) << type;
  }
  EXPECT_EQ(find(removal, "application/grpc", verb::post, http_version::http1).to,
            destination::http2_required);
  EXPECT_EQ(find(removal, "application/grpc-web", verb::post, http_version::http1).to,
            destination::operation);
}

TEST(rpc_routes, health_and_reflection) {
  EXPECT_EQ(find("/grpc.health.v1.Health/Check", "application/grpc").to, destination::health);
  for (const std::string_view version : {"v1", "v1alpha"}) {
    const std::string target =
        "/grpc.reflection." + std::string(version) + ".ServerReflection/ServerReflectionInfo";
    EXPECT_TRUE(is_streaming(target));
    EXPECT_EQ(find(target, "application/grpc").to, destination::reflection);
    EXPECT_EQ(find(target, "application/connect+proto").to, destination::reflection);
    EXPECT_EQ(find(target, "application/json").to, destination::unsupported_media_type);
  }
  EXPECT_FALSE(is_streaming("/zitadel.user.v2.UserService/RemoveOTPEmail"));
}

TEST(rpc_routes, the_log_is_watched_in_every_form_of_a_stream) {
  constexpr std::string_view target = "/factord.v1.EventService/Watch";
  for (std::size_t f = 1; f < count_of<rpc_form>; ++f) {
    const auto form = static_cast<rpc_form>(f);
    const route_match match = find(target, traits(form).content_type);
    if (traits(form).protocol == rpc_protocol::connect) {
      EXPECT_EQ(match.to, destination::unsupported_media_type) << f;
      continue;
    }
    EXPECT_EQ(match.to, destination::operation) << f;
    EXPECT_EQ(match.op, operation::list_events);
    EXPECT_EQ(match.form, form);
  }
  EXPECT_EQ(find(target, "application/grpc", verb::get).to, destination::method_not_allowed);
  EXPECT_EQ(find(target, "application/grpc", verb::post, http_version::http1).to,
            destination::http2_required);
}

TEST(rpc_routes, the_admin_socket_has_none) {
  request incoming;
  incoming.method = verb::post;
  incoming.target = std::string(service_path) + "RemoveOTPEmail";
  incoming.add(field::content_type, "application/json");
  route_match match;
  find_route(surface::admin, incoming, match);
  EXPECT_EQ(match.to, destination::not_found);
}

}  // namespace
}  // namespace factord::protocol::routes_test
