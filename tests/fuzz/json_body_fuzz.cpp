// JSON bodies: what was accepted keeps every limit, and says the same however it is written: spaced
// and escaped otherwise, or as protobuf.

#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <string>

#include "server/protocol/add_human_user.hpp"
#include "server/protocol/json_add_human_user.hpp"
#include "server/protocol/json_request.hpp"
#include "server/service/text.hpp"
#include "storage/base/check.hpp"
#include "tests/fuzz/input.hpp"

namespace factord::protocol {
namespace {

namespace json = boost::json;
using service::operation;
using service::status_code;

struct entry {
  operation op;
  std::string_view target;
};
constexpr std::array entries{
    entry{operation::add_human_user, "/v2/users/human"},
    entry{operation::verify_email, "/v2/users/1/email/verify"},
    entry{operation::list_factors, "/v2/users/1/authentication_factors/_search"},
    entry{operation::create_token, "/admin/v1/tokens"},
    entry{operation::lock_user, "/v2/users/1/lock"},
    entry{operation::add_otp_email, "/v2/users/1/otp_email"},
};

void read(const entry& to, std::string_view body, service::call& work) {
  request incoming;
  incoming.method = verb::post;
  incoming.target = to.target;
  incoming.body = body;
  route_match match;
  const surface on = to.op == operation::create_token ? surface::admin : surface::api;
  find_route(on, incoming, match);
  FACTORD_CHECK(match.to == destination::operation && match.op == to.op);
  work.op = match.op;
  read_json_request(match, incoming, work);
}

bool same(const service::call& a, const service::call& b) {
  const service::call_input& x = a.in;
  const service::call_input& y = b.in;
  return a.rejected.code == b.rejected.code && a.rejected.error_id == b.rejected.error_id &&
         a.rejected.message == b.rejected.message && x.user_id == y.user_id && x.org == y.org &&
         x.username == y.username && x.email == y.email && x.email_verified == y.email_verified &&
         x.return_code == y.return_code && x.verification_code == y.verification_code &&
         x.person.SerializeAsString() == y.person.SerializeAsString() &&
         x.wants_otp_email == y.wants_otp_email && x.lifetime == y.lifetime;
}

void check_accepted(const service::call& work) {
  const service::call_input& in = work.in;
  for (const std::string* text : {&in.user_id, &in.org, &in.username}) {
    FACTORD_CHECK(text->empty() || service::valid_id(*text));
  }
  if (work.op == operation::add_human_user) {
    FACTORD_CHECK(service::valid_id(in.person.given_name()));
    FACTORD_CHECK(service::valid_id(in.person.family_name()));
    FACTORD_CHECK(service::valid_id(in.email));
  }
  if (work.op == operation::verify_email) {
    const auto points = service::count_code_points(in.verification_code);
    FACTORD_CHECK(points && *points >= 1 && *points <= 20);
  }
  if (work.op == operation::create_token) FACTORD_CHECK(service::valid_id(in.user_id));
}

// The same user through the message that gRPC and Connect clients send.
void check_as_protobuf(const json::object& fields, const service::call& by_json) {
  zitadel::user::v2::AddHumanUserRequest sent;
  std::string error;
  read_json_add_human_user(json_object(fields, "", error), sent);
  if (!error.empty()) return;
  zitadel::user::v2::AddHumanUserRequest received;
  FACTORD_CHECK(received.ParseFromString(sent.SerializeAsString()));
  service::call by_message(0);
  by_message.op = operation::add_human_user;
  read_add_human_user(received, request{}, by_message);
  FACTORD_CHECK(same(by_json, by_message));
}

void check(std::string_view input) {
  fuzz::cursor in(input);
  const entry& to = entries[in.byte() % entries.size()];
  const std::string_view body = in.rest();

  service::call work(0);
  read(to, body, work);
  if (work.rejected.code == status_code::ok) check_accepted(work);

  json::error_code failed;
  const json::value parsed = json::parse({body.data(), body.size()}, failed);
  if (failed || !parsed.is_object()) return;
  const std::string written = json::serialize(parsed);
  (void)json::parse(written, failed);
  if (failed) return;  // a number beyond all others is not written as one that can be read
  service::call again(0);
  read(to, written, again);
  FACTORD_CHECK(same(work, again));
  if (to.op == operation::add_human_user) check_as_protobuf(parsed.get_object(), work);
}

}  // namespace
}  // namespace factord::protocol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  factord::protocol::check(factord::fuzz::as_text(data, size));
  return 0;
}
