#include "server/protocol/wire/rpc_form.hpp"

#include <algorithm>
#include <array>

#include "storage/base/ascii.hpp"

namespace factord::protocol {
namespace {

using enum rpc_protocol;

constexpr bool json = true;
constexpr bool proto = false;
constexpr bool text = true;
constexpr bool bytes = false;

// In the order of the enum.
constexpr std::array<rpc_form_traits, rpc_form_count> forms{{
    {"", none, proto, bytes},
    {"application/grpc", grpc, proto, bytes},
    {"application/grpc+proto", grpc, proto, bytes},
    {"application/grpc-web", grpc_web, proto, bytes},
    {"application/grpc-web+proto", grpc_web, proto, bytes},
    {"application/grpc-web-text", grpc_web, proto, text},
    {"application/grpc-web-text+proto", grpc_web, proto, text},
    {"application/json", connect, json, bytes},
    {"application/proto", connect, proto, bytes},
    {"application/connect+json", connect_stream, json, bytes},
    {"application/connect+proto", connect_stream, proto, bytes},
}};

// Without the parameters, and the blanks before them.
std::string_view media_type(std::string_view content_type) {
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  return type.substr(0, type.find_last_not_of(" \t") + 1);
}

}  // namespace

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
  return found == forms.end() ? rpc_form::none
                              : static_cast<rpc_form>(std::distance(forms.begin(), found));
}

}  // namespace factord::protocol
