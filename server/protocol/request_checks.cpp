#include "server/protocol/request_checks.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "server/protocol/messages/validation.hpp"
#include "server/protocol/rpc/timeout.hpp"
#include "server/protocol/wire/uri.hpp"
#include "server/service/text.hpp"

namespace factord::protocol {
namespace {

using service::call;
using service::operation;

constexpr std::array unheeded = {
    std::pair{field::if_match, std::string_view("If-Match")},
    std::pair{field::if_none_match, std::string_view("If-None-Match")},
    std::pair{field::if_modified_since, std::string_view("If-Modified-Since")},
    std::pair{field::if_unmodified_since, std::string_view("If-Unmodified-Since")},
    std::pair{field::if_range, std::string_view("If-Range")},
    std::pair{field::range, std::string_view("Range")},
};

void refuse_unheeded(std::string_view name, call& work) {
  reject(work, std::string(name).append(" is not supported: the request was not carried out"));
}

void check_preconditions(const request& incoming, call& work) {
  for (const auto& [which, shown] : unheeded) {
    if (incoming.has(which)) refuse_unheeded(shown, work);
  }
}

// Whoever sends a key believes that the retry is safe.
void check_idempotency(const request& incoming, call& work) {
  const bool changes = service::traits(work.op).writes || work.op == operation::start_backup;
  if (changes && incoming.has(field::idempotency_key)) refuse_unheeded("Idempotency-Key", work);
}

// Of an RPC its form checks it.
void check_deadline(const request& incoming, call& work) {
  const auto bad = read_deadline(rpc_form::none, incoming, work.deadline);
  if (bad) reject(work, std::string("malformed ").append(name(*bad)));
}

void check_organization(const request& incoming, call& work) {
  const bool fits = !incoming.has(field::zitadel_org_id) ||
                    service::valid_id(incoming.value(field::zitadel_org_id));
  if (!fits) reject(work, "x-zitadel-orgid must be 1 to 200 characters of UTF-8");
}

/// What a route of ours takes in its query, and how that is said.
struct query_rule {
  operation op;
  std::span<const std::string_view> names;
  std::string_view otherwise;
};

constexpr std::array<std::string_view, 3> of_events = {"after", "limit", "user"};
constexpr std::array<std::string_view, 2> of_tokens = {"after", "limit"};
constexpr std::string_view no_parameters = "this path takes no query parameters";

constexpr std::array query_rules = std::to_array<query_rule>({
    {operation::list_events, of_events,
     "unknown query parameter: after, limit and user are those known here"},
    {operation::create_token, {}, no_parameters},
    {operation::list_tokens, of_tokens,
     "unknown query parameter: after and limit are those known here"},
    {operation::revoke_token, {}, no_parameters},
    {operation::stats, {}, no_parameters},
    {operation::start_backup, {}, no_parameters},
    {operation::get_backup, {}, no_parameters},
});

void check_query(const query_rule& rule, std::string_view target, call& work) {
  unsigned seen = 0;
  std::string name;
  std::string_view rest = query_of(target);
  while (const auto pair = take_pair(rest)) {
    if (!decode_form(pair->name, name))
      return reject(work, "malformed percent-encoding in the query");
    const auto known = std::ranges::find(rule.names, name);
    if (known == rule.names.end()) return reject(work, rule.otherwise);
    const unsigned bit = 1U << static_cast<unsigned>(known - rule.names.begin());
    if ((seen & bit) != 0) return reject(work, name.append(" is given more than once"));
    seen |= bit;
  }
}

}  // namespace

void check_request(const route_match& match, const request& incoming, surface on, call& work) {
  check_preconditions(incoming, work);
  check_idempotency(incoming, work);
  if (on == surface::api) check_organization(incoming, work);
  if (match.form != rpc_form::none) return;
  check_deadline(incoming, work);
  // ZITADEL passes over parameters that it does not know, and so do the routes we have from it.
  const auto rule = std::ranges::find(query_rules, work.op, &query_rule::op);
  if (rule != query_rules.end()) check_query(*rule, incoming.target, work);
}

}  // namespace factord::protocol
