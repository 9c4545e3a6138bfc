#include "server/protocol/wire/json_error.hpp"

#include "server/protocol/json/writer.hpp"
#include "server/protocol/wire/wire_status.hpp"

namespace factord::protocol {

void write_json_error(const service::failure& why, std::string& out) {
  json_writer object(out);
  object.field("code") += std::to_string(static_cast<unsigned>(why.code));
  if (why.id.empty()) return object.text("message", why.message);

  object.text("message", full_message(why.id, why.message));
  std::string& details = object.field("details");
  details.push_back('[');
  {
    json_writer detail(details);
    detail.text("@type", "type.googleapis.com/zitadel.v1.ErrorDetail");
    detail.text("id", why.id);
    detail.text("message", why.message);
  }
  details.push_back(']');
}

std::string to_json(const refusal& why) {
  std::string out;
  write_json_error({static_cast<service::status_code>(why.code), {}, why.message}, out);
  return out;
}

}  // namespace factord::protocol
