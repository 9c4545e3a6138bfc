// JSON bodies. The reader passes nothing that Boost.JSON does not take for JSON, and nothing that
// protobuf's own reader does not read, as the same message. A body has one verdict, sent to a path
// or by Connect. What was accepted keeps every limit, and says the same spaced and escaped
// otherwise.

#include <google/protobuf/util/json_util.h>

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <memory>
#include <string>

#include "server/protocol/json/cursor.hpp"
#include "server/protocol/json/message.hpp"
#include "server/protocol/messages/proto_messages.hpp"
#include "server/protocol/proto/zitadel/user/v2/user_service.pb.h"
#include "server/protocol/rest/request.hpp"
#include "server/protocol/router.hpp"
#include "server/protocol/rpc/api.hpp"
#include "server/service/text.hpp"
#include "storage/base/check.hpp"
#include "tests/fuzz/input.hpp"

namespace factord::protocol {
namespace {

namespace json = boost::json;
namespace v2 = zitadel::user::v2;
using google::protobuf::Message;
using service::operation;
using service::status_code;

constexpr std::string_view path_id = "1";

struct entry {
  operation op;
  std::string_view target;
  const Message& (*message)();  // null: of the admin socket
};

template <class Type>
const Message& prototype() {
  return Type::default_instance();
}

constexpr std::array entries{
    entry{operation::add_human_user, "/v2/users/human", prototype<v2::AddHumanUserRequest>},
    entry{operation::verify_email, "/v2/users/1/email/verify", prototype<v2::VerifyEmailRequest>},
    entry{operation::list_factors, "/v2/users/1/authentication_factors/_search",
          prototype<v2::ListAuthenticationFactorsRequest>},
    entry{operation::create_token, "/admin/v1/tokens", nullptr},
    entry{operation::lock_user, "/v2/users/1/lock", prototype<v2::LockUserRequest>},
    entry{operation::add_otp_email, "/v2/users/1/otp_email", prototype<v2::AddOTPEmailRequest>},
};

const limits bounds;

void read_by_path(const entry& to, std::string_view body, service::call& pending) {
  request incoming;
  incoming.method = verb::post;
  incoming.target = to.target;
  incoming.body = body;
  route_match match;
  const surface on = to.op == operation::create_token ? surface::admin : surface::api;
  find_route(on, incoming, match);
  FACTORD_CHECK(match.to == destination::operation && match.op == to.op);
  pending.op = match.op;
  FACTORD_CHECK(read_json_request(match, incoming, bounds.body_bytes, pending) == body_fault::none);
}

void read_by_connect(const entry& to, std::string_view body, service::call& pending) {
  request incoming;
  incoming.body = body;
  pending.op = to.op;
  read_rpc(rpc_form::connect_json, incoming, bounds, pending);
}

bool same_input(const service::call& a, const service::call& b) {
  const service::call_input& x = a.in;
  const service::call_input& y = b.in;
  return a.rejected.code == b.rejected.code && a.rejected.error_id == b.rejected.error_id &&
         x.org == y.org && x.username == y.username && x.email == y.email &&
         x.email_verified == y.email_verified && x.return_code == y.return_code &&
         x.verification_code == y.verification_code &&
         x.person.SerializeAsString() == y.person.SerializeAsString() &&
         x.wants_otp_email == y.wants_otp_email && x.lifetime == y.lifetime;
}

bool is_json_fault(const service::call& pending) {
  return pending.rejected.message.starts_with("invalid JSON: ");
}

void check_accepted(const service::call& pending) {
  const service::call_input& in = pending.in;
  for (const std::string* text : {&in.user_id, &in.org, &in.username}) {
    FACTORD_CHECK(text->empty() || service::valid_id(*text));
  }
  if (pending.op == operation::add_human_user) {
    FACTORD_CHECK(service::valid_id(in.person.given_name()));
    FACTORD_CHECK(service::valid_id(in.person.family_name()));
    FACTORD_CHECK(service::valid_id(in.email));
  }
  if (pending.op == operation::verify_email) {
    const auto points = service::count_code_points(in.verification_code);
    FACTORD_CHECK(points && *points >= 1 && *points <= 20);
  }
  if (pending.op == operation::create_token) FACTORD_CHECK(service::valid_id(in.user_id));
}

bool passes(json_cursor& in) { return in.skip() && in.end(); }

// Boost.JSON takes a name that stands twice; and its own limit of an exponent is that of an int.
void check_syntax(std::string_view body) {
  json::parse_options options;
  options.max_depth = json_depth_max;
  json::error_code failed;
  (void)json::parse({body.data(), body.size()}, failed, {}, options);
  json_cursor ours(body);
  const bool passed = passes(ours);
  const bool twice = ours.fault().find("there twice") != std::string::npos;
  if (failed) {
    FACTORD_CHECK(!passed || failed == json::error::exponent_overflow);
  } else {
    FACTORD_CHECK(passed || twice);
  }
}

// Protobuf's reader takes more than ours, with the same meaning; but no number beyond a double's
// range and no empty name, even where it ignores them.
void check_as_protobuf(const Message& kind, std::string_view body) {
  const std::unique_ptr<Message> ours(kind.New());
  if (!read_json_message(body, *ours).empty() || body.empty()) return;
  const std::unique_ptr<Message> theirs(kind.New());
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto status =
      google::protobuf::util::JsonStringToMessage(std::string(body), theirs.get(), options);
  if (!status.ok()) {
    const std::string why = status.ToString();
    FACTORD_CHECK(why.find("range of double") != std::string::npos ||
                  why.find("must have a name") != std::string::npos);
    return;
  }
  FACTORD_CHECK(ours->SerializeAsString() == theirs->SerializeAsString());
}

void check_surfaces(const entry& to, std::string_view body, const service::call& by_path) {
  service::call by_connect(0);
  read_by_connect(to, body, by_connect);
  FACTORD_CHECK(is_json_fault(by_path) == is_json_fault(by_connect));
  if (is_json_fault(by_path))
    FACTORD_CHECK(by_path.rejected.message == by_connect.rejected.message);
  if (service::traits(to.op).has_target) {
    if (!is_json_fault(by_path)) FACTORD_CHECK(by_path.in.user_id == path_id);
    // Where the path names nobody the body has to.
    if (by_connect.rejected.message.find("Request.UserId: ") != std::string::npos) return;
  } else {
    FACTORD_CHECK(by_path.in.user_id == by_connect.in.user_id);
  }
  FACTORD_CHECK(same_input(by_path, by_connect));
  FACTORD_CHECK(by_path.rejected.message == by_connect.rejected.message);
}

// Boost.JSON rounds them.
bool holds_fractions(const json::value& value) {
  if (value.is_double()) return true;
  if (const json::array* list = value.if_array()) {
    for (const json::value& entry : *list) {
      if (holds_fractions(entry)) return true;
    }
  }
  if (const json::object* fields = value.if_object()) {
    for (const auto& member : *fields) {
      if (holds_fractions(member.value())) return true;
    }
  }
  return false;
}

void check_written_otherwise(const entry& to, std::string_view body, const service::call& pending) {
  if (is_json_fault(pending)) return;
  json::error_code failed;
  const json::value parsed = json::parse({body.data(), body.size()}, failed);
  if (failed || holds_fractions(parsed)) return;
  service::call again(0);
  read_by_path(to, json::serialize(parsed), again);
  FACTORD_CHECK(same_input(pending, again) && pending.rejected.message == again.rejected.message);
}

void check(std::string_view input) {
  fuzz::cursor in(input);
  const entry& to = entries[in.byte() % entries.size()];
  const std::string_view body = in.rest();

  check_syntax(body);
  service::call pending(0);
  read_by_path(to, body, pending);
  if (pending.rejected.code == status_code::ok) check_accepted(pending);
  check_written_otherwise(to, body, pending);
  if (to.message == nullptr) return;
  check_surfaces(to, body, pending);
  check_as_protobuf(to.message(), body);
}

}  // namespace
}  // namespace factord::protocol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  factord::protocol::silence_protobuf_log();
  factord::protocol::check(factord::fuzz::as_text(data, size));
  return 0;
}
