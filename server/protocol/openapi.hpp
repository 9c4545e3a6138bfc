#pragma once

#include <string_view>

namespace factord::protocol {

struct request;
struct response;

/// One form of the description of every path (router.hpp: path_routes). Both are made from
/// openapi.yaml when the program is built (embed_openapi.py) and live as long as it does.
struct openapi_form {
  std::string_view content_type;
  std::string_view text;
  std::string_view tag;  ///< an ETag, strong, with its quotes: of another text it is another
};

extern const openapi_form openapi_yaml;  ///< that file, byte for byte
extern const openapi_form openapi_json;  ///< the same as JSON

/// Answers with it, or with 304 where If-None-Match says that the client has it. Clients may keep
/// it, and ask each time whether it is still the same.
void answer_openapi(const openapi_form& form, const request& incoming, response& out);

}  // namespace factord::protocol
