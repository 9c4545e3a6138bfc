#include "server/protocol/request_checks.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "server/protocol/messages/endpoint.hpp"
#include "server/protocol/messages/validation.hpp"
#include "server/protocol/rpc/timeout.hpp"
#include "server/protocol/wire/entity_tag.hpp"
#include "server/protocol/wire/idempotency_key.hpp"
#include "server/protocol/wire/uri.hpp"
#include "server/service/text.hpp"

namespace factord::protocol {
namespace {

using service::call;

constexpr std::array unheeded = {
    std::pair{field::if_modified_since, std::string_view("If-Modified-Since")},
    std::pair{field::if_unmodified_since, std::string_view("If-Unmodified-Since")},
    std::pair{field::if_range, std::string_view("If-Range")},
    std::pair{field::range, std::string_view("Range")},
};

void refuse_unheeded(std::string_view name, call& pending) {
  reject(pending, std::string(name).append(" is not supported: the request was not carried out"));
}

// Of If-Match a weak tag counts for none of ours, of If-None-Match for what a strong one does (RFC
// 9110, sections 13.1.1 and 13.1.2).
enum class comparison { strong, weak };

void read_tags(std::string_view name, std::string_view value, comparison how, call& pending) {
  entity_tag_list list(value);
  entity_tag tag;
  for (next_tag next = list.next(tag); next != next_tag::none; next = list.next(tag)) {
    if (next == next_tag::any) return pending.in.tags.add_any();
    if (next == next_tag::malformed)
      return reject(pending, std::string(name).append(" is neither * nor a list of entity tags"));
    const bool fits = how == comparison::weak || !tag.weak;
    if (!pending.in.tags.add(fits ? sequence_of_tag(tag.opaque) : 0)) {
      return reject(pending, std::string(name).append(" has more than ") +
                                 std::to_string(service::entity_tags::most) + " entity tags");
    }
  }
}

void check_preconditions(rpc_form form, const request& incoming, call& pending) {
  const service::operation_traits& asked = service::traits(pending.op);
  // 304 is what HTTP says of paths: an RPC has no answer like it.
  const bool reads = asked.is_tagged() && !asked.writes() && form == rpc_form::none;
  if (incoming.has(field::if_match)) {
    asked.is_tagged() && asked.writes()
        ? read_tags("If-Match", incoming.value(field::if_match), comparison::strong, pending)
        : refuse_unheeded("If-Match", pending);
  }
  if (incoming.has(field::if_none_match)) {
    reads ? read_tags("If-None-Match", incoming.value(field::if_none_match), comparison::weak,
                      pending)
          : refuse_unheeded("If-None-Match", pending);
  }
  for (const auto& [which, shown] : unheeded) {
    if (incoming.has(which)) refuse_unheeded(shown, pending);
  }
}

// What is left of a key where a colon and the longest number stand behind it.
constexpr std::size_t bulk_key_size = idempotency_key_size - 1 - 20;
static_assert(bulk_key_size == 234);

// On a write of the API: what begins a job, or makes a token, is not kept, and whoever sends a key
// believes that sending it again is safe. A read may be sent again without one.
void check_idempotency(const request& incoming, call& pending) {
  if (!incoming.has(field::idempotency_key)) return;
  const service::operation_traits& asked = service::traits(pending.op);
  if (!asked.changes()) return;
  const bool bulk = asked.kind == service::operation_kind::bulk;
  const bool kept = asked.writes() && asked.is_tagged();
  if (!kept && !bulk) return refuse_unheeded("Idempotency-Key", pending);
  if (!read_idempotency_key(incoming.value(field::idempotency_key), pending.in.retry_key)) {
    reject(pending, "Idempotency-Key must be 1 to 255 visible ASCII characters");
  } else if (bulk && pending.in.retry_key.size() > bulk_key_size) {
    reject(pending,
           "Idempotency-Key must be 1 to 234 visible ASCII characters here: each line "
           "appends a colon and its number");
  }
}

// To Watch `after` and `store_id` of its message say where it begins.
void check_position(rpc_form form, const request& incoming, call& pending) {
  const bool watches = form != rpc_form::none && pending.op == service::operation::list_events;
  if (watches && incoming.has(field::last_event_id)) refuse_unheeded("Last-Event-ID", pending);
}

// Of an RPC its form checks it.
void check_deadline(const request& incoming, call& pending) {
  const auto bad = read_deadline(rpc_form::none, incoming, pending.deadline);
  if (bad) reject(pending, std::string("malformed ").append(name(*bad)));
}

void check_organization(const request& incoming, call& pending) {
  const bool fits = !incoming.has(field::zitadel_org_id) ||
                    service::valid_id(incoming.value(field::zitadel_org_id));
  if (!fits) reject(pending, "x-zitadel-orgid must be 1 to 200 characters of UTF-8");
}

void check_query(const query_rule& rule, std::string_view target, call& pending) {
  unsigned seen = 0;
  std::string name;
  std::string_view rest = query_of(target);
  while (const auto pair = take_pair(rest)) {
    if (!decode_form(pair->name, name))
      return reject(pending, "malformed percent-encoding in the query");
    if (std::ranges::find(rule.repeatable, name) != rule.repeatable.end()) continue;
    const auto known = std::ranges::find(rule.names, name);
    if (known == rule.names.end()) return reject(pending, rule.otherwise);
    const unsigned bit = 1U << static_cast<unsigned>(known - rule.names.begin());
    if ((seen & bit) != 0) return reject(pending, name.append(" is given more than once"));
    seen |= bit;
  }
}

// What answers without a call, on a path of ours.
bool takes_no_query(destination to) {
  switch (to) {
    case destination::alive:
    case destination::ready:
    case destination::metrics:
    case destination::version:
    case destination::settings:
    case destination::json_description:
    case destination::yaml_description:
      return true;
    default:
      return false;
  }
}

}  // namespace

void check_request(const route_match& match, const request& incoming, call& pending) {
  check_preconditions(match.form, incoming, pending);
  check_idempotency(incoming, pending);
  check_position(match.form, incoming, pending);
  check_organization(incoming, pending);
  if (match.form != rpc_form::none) return;
  check_deadline(incoming, pending);
  const query_rule* const rule = endpoint_of(pending.op).query;
  if (rule != nullptr) check_query(*rule, incoming.target, pending);
}

std::string_view query_fault(const route_match& match, const request& incoming) {
  std::string_view query = query_of(incoming.target);
  const bool good = !takes_no_query(match.to) || !take_pair(query);
  return good ? std::string_view() : no_query.otherwise;
}

}  // namespace factord::protocol
