#include "server/protocol/wire/rpc_form.hpp"

#include <algorithm>
#include <array>

#include "storage/base/ascii.hpp"
#include "storage/base/enum_table.hpp"

namespace factord::protocol {
namespace {

using enum rpc_protocol;

constexpr bool json = true;
constexpr bool proto = false;
constexpr bool text = true;
constexpr bool bytes = false;

constexpr auto forms = std::to_array<rpc_form_traits>({
    {rpc_form::none, "", none, proto, bytes},
    {rpc_form::grpc, "application/grpc", grpc, proto, bytes},
    {rpc_form::grpc_proto, "application/grpc+proto", grpc, proto, bytes},
    {rpc_form::grpc_web, "application/grpc-web", grpc_web, proto, bytes},
    {rpc_form::grpc_web_proto, "application/grpc-web+proto", grpc_web, proto, bytes},
    {rpc_form::grpc_web_text, "application/grpc-web-text", grpc_web, proto, text},
    {rpc_form::grpc_web_text_proto, "application/grpc-web-text+proto", grpc_web, proto, text},
    {rpc_form::connect_json, "application/json", connect, json, bytes},
    {rpc_form::connect_proto, "application/proto", connect, proto, bytes},
    {rpc_form::connect_stream_json, "application/connect+json", connect_stream, json, bytes},
    {rpc_form::connect_stream_proto, "application/connect+proto", connect_stream, proto, bytes},
});
static_assert(has_each_in_order(forms, &rpc_form_traits::which));

}  // namespace

// The blanks before parameters are none of it.
std::string_view media_type(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  return type.substr(0, type.find_last_not_of(" \t") + 1);
}

const rpc_form_traits& traits(rpc_form form) noexcept {
  return forms[static_cast<std::size_t>(form)];
}

std::string known_content_types() {
  std::string list;
  for (const rpc_form_traits& row : forms) {
    if (!list.empty()) list += ", ";
    list += row.content_type;
  }
  return list;
}

rpc_form find_rpc_form(std::string_view content_type) {
  const std::string_view sent = media_type(content_type);
  if (sent.empty()) return rpc_form::none;
  const auto found = std::find_if(forms.begin(), forms.end(), [sent](const rpc_form_traits& row) {
    return same_in_any_case(sent, row.content_type);
  });
  return found == forms.end() ? rpc_form::none : found->which;
}

}  // namespace factord::protocol
