#include "server/protocol/rest/error.hpp"

#include "server/protocol/json/writer.hpp"
#include "server/protocol/wire/wire_status.hpp"

namespace factord::protocol {

void write_json_error(service::status_code code, std::string_view error_id,
                      std::string_view message, std::string& out) {
  json_writer object(out);
  object.field("code") += std::to_string(static_cast<unsigned>(code));
  if (error_id.empty()) return object.text("message", message);

  object.text("message", full_message(error_id, message));
  std::string& details = object.field("details");
  details.push_back('[');
  {
    json_writer detail(details);
    detail.text("@type", "type.googleapis.com/zitadel.v1.ErrorDetail");
    detail.text("id", error_id);
    detail.text("message", message);
  }
  details.push_back(']');
}

}  // namespace factord::protocol
