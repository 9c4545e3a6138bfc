#include "server/protocol/openapi.hpp"

#include <string>

#include "server/protocol/wire/request.hpp"
#include "server/protocol/wire/response.hpp"

namespace factord::protocol {
namespace {

// RFC 9110, section 13.1.2: a list of tags, compared weakly. Ours is long and has its quotes about
// it, so that it stands in no other.
bool has_it(const request& incoming, std::string_view tag) {
  const std::string_view known = incoming.value(field::if_none_match);
  return known == "*" || known.find(tag) != std::string_view::npos;
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
