#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace factord::protocol {

/// How an RPC is written on the wire, told by its Content-Type. `none` is everything else.
enum class rpc_form : std::uint8_t {
  none,
  grpc,
  grpc_proto,
  grpc_web,
  grpc_web_proto,
  grpc_web_text,
  grpc_web_text_proto,
  connect_json,
  connect_proto,
  connect_stream_json,
  connect_stream_proto,
  count_,  ///< none: how many there are
};

enum class rpc_protocol : std::uint8_t { none, grpc, grpc_web, connect, connect_stream };

/// What follows from a form.
struct rpc_form_traits {
  rpc_form which;
  std::string_view content_type;  ///< of requests and answers
  rpc_protocol protocol;
  bool json;  ///< messages in protobuf's JSON mapping
  bool text;  ///< the body is base64, for browsers that read no bytes
};

[[nodiscard]] const rpc_form_traits& traits(rpc_form form) noexcept;

/// The form of a Content-Type; its parameters do not matter.
[[nodiscard]] rpc_form find_rpc_form(std::string_view content_type);

/// What a Content-Type names, without its parameters.
[[nodiscard]] std::string_view media_type(std::string_view content_type);

/// Every Content-Type that has a form, for people and for the Accept-Post header.
[[nodiscard]] std::string known_content_types();

}  // namespace factord::protocol
