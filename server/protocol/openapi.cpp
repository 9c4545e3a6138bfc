#include "server/protocol/openapi.hpp"

#include <string>

#include "server/protocol/wire/entity_tag.hpp"
#include "server/protocol/wire/request.hpp"
#include "server/protocol/wire/response.hpp"

namespace factord::protocol {
namespace {

// RFC 9110, section 13.1.2: compared weakly. `tag` has its quotes.
bool has_it(const request& incoming, std::string_view tag) {
  entity_tag_list known(incoming.value(field::if_none_match));
  entity_tag one;
  for (next_tag next = known.next(one); next == next_tag::one || next == next_tag::any;
       next = known.next(one)) {
    if (next == next_tag::any || one.opaque == tag.substr(1, tag.size() - 2)) return true;
  }
  return false;
}

}  // namespace

void answer_openapi(const openapi_form& form, const request& incoming, response& out) {
  out.cache_control = "no-cache";
  out.headers.push_back({"ETag", std::string(form.tag)});
  if (has_it(incoming, form.tag)) {
    out.status = 304;
    return;
  }
  out.content_type = form.content_type;
  out.body = form.text;
}

}  // namespace factord::protocol
