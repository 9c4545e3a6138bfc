#include "server/protocol/http2/format.hpp"

#include <charconv>

#include "storage/base/check.hpp"

namespace factord::protocol::http2 {
namespace {

// Names and values of ours live for ever: nghttp2 need not copy them. (It copies names to bring
// them into lower case, so these are.)
constexpr unsigned static_name = NGHTTP2_NV_FLAG_NO_COPY_NAME;
constexpr unsigned static_field = NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE;

template <std::size_t Size>
std::string_view digits(std::array<char, Size>& space, std::size_t number) {
  const auto written = std::to_chars(space.data(), space.data() + space.size(), number);
  FACTORD_CHECK(written.ec == std::errc{});
  return {space.data(), written.ptr};
}

}  // namespace

bool is_header_only(const response& answer, bool head) noexcept {
  return head || !answer.status.allows_body() || (answer.body.empty() && !answer.more);
}

std::span<const nghttp2_nv> header_list::of(const response& answer, std::string_view date) {
  fields_.clear();
  add(":status", digits(status_, answer.status), static_name);
  add("server", "factord", static_field);
  add("cache-control", answer.cache_control, static_field);
  add("x-content-type-options", "nosniff", static_field);
  add("date", date, static_name);
  if (!answer.request_name.empty()) add("x-request-id", answer.request_name, static_name);
  add_all(answer.headers);
  const bool in_parts = answer.more || !answer.trailers.empty();
  if (!answer.body.empty() || in_parts) add("content-type", answer.content_type, static_name);
  // RFC 9110, section 8.6: never in a 204, and what a 304 would say is not known here.
  if (answer.status.allows_body() && !in_parts)
    add("content-length", digits(length_, answer.body.size()), static_name);
  if (answer.body.empty() && !answer.more) add_all(answer.trailers);
  return fields_;
}

std::span<const nghttp2_nv> header_list::of(std::span<const response::header> trailers) {
  fields_.clear();
  add_all(trailers);
  return fields_;
}

void header_list::add_all(std::span<const response::header> fields) {
  for (const response::header& field : fields) add(field.name, field.value);
}

void header_list::add(std::string_view name, std::string_view value, unsigned flags) {
  FACTORD_CHECK(response::header::may_be(value));
  // nghttp2's struct is older than const; it does not write to them.
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  };
  fields_.push_back(
      {bytes(name), bytes(value), name.size(), value.size(), static_cast<std::uint8_t>(flags)});
}

}  // namespace factord::protocol::http2
