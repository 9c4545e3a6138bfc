#include "tools/factorload/grpc_exchange.hpp"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "storage/base/check.hpp"

namespace factord::load {
namespace {

constexpr auto paths = std::to_array<std::string_view>(
    {"/zitadel.user.v2.UserService/RemoveOTPEmail", "/zitadel.user.v2.UserService/AddOTPEmail"});
static_assert(paths.size() == operation_count);

// The HTTP status of a gRPC status, so that results of all protocols read alike.
constexpr std::array<int, 17> http_statuses{200, 499, 500, 400, 504, 404, 409, 403, 429,
                                            400, 409, 400, 501, 500, 503, 500, 401};

nghttp2_nv field(std::string_view name, std::string_view value) {
  // nghttp2 takes both as pointers to mutable bytes and, with these flags, keeps none of them.
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(),
          NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE};
}

// An envelope that holds a message with the id as field 1.
void write_body(const id_range& ids, std::uint64_t index, std::string& out) {
  out.assign(std::string_view("\0\0\0\0\0\x0A\0", 7));
  ids.append(out, index);
  // Ids are numbers: their length and that of the message fit into one byte.
  out[4] = static_cast<char>(out.size() - 5);
  out[6] = static_cast<char>(out.size() - 7);
}

int read_number(const std::uint8_t* text, std::size_t size) {
  const auto* first = reinterpret_cast<const char*>(text);
  int number = -1;
  const auto [end, failure] = std::from_chars(first, first + size, number);
  return failure == std::errc{} && end == first + size ? number : -1;
}

}  // namespace

struct grpc_exchange::callbacks {
  static call* of_stream(nghttp2_session* session, std::int32_t stream) {
    return static_cast<call*>(nghttp2_session_get_stream_user_data(session, stream));
  }

  static ssize_t read_body(nghttp2_session*, std::int32_t, std::uint8_t* out, std::size_t room,
                           std::uint32_t* flags, nghttp2_data_source* source, void*) {
    call& asked = *static_cast<call*>(source->ptr);
    const std::string_view rest = std::string_view(asked.body).substr(asked.body_sent);
    const std::size_t size = std::min(room, rest.size());
    std::memcpy(out, rest.data(), size);
    asked.body_sent += size;
    if (asked.body_sent == asked.body.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(size);
  }

  static int on_header(nghttp2_session* session, const nghttp2_frame* frame,
                       const std::uint8_t* name, std::size_t name_size, const std::uint8_t* value,
                       std::size_t value_size, std::uint8_t, void*) {
    call* asked = of_stream(session, frame->hd.stream_id);
    if (asked == nullptr) return 0;
    const std::string_view which(reinterpret_cast<const char*>(name), name_size);
    if (which == ":status") asked->http_status = read_number(value, value_size);
    if (which == "grpc-status") asked->grpc_status = read_number(value, value_size);
    return 0;
  }

  static int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    if (frame->hd.type == NGHTTP2_GOAWAY) static_cast<grpc_exchange*>(self)->going_away_ = true;
    return 0;
  }

  static int on_stream_close(nghttp2_session* session, std::int32_t stream, std::uint32_t error,
                             void* self) {
    if (call* asked = of_stream(session, stream)) {
      static_cast<grpc_exchange*>(self)->end(*asked, error);
    }
    return 0;
  }

  static nghttp2_session_callbacks* make() {
    nghttp2_session_callbacks* made = nullptr;
    FACTORD_CHECK(nghttp2_session_callbacks_new(&made) == 0);
    nghttp2_session_callbacks_set_on_header_callback(made, on_header);
    nghttp2_session_callbacks_set_on_frame_recv_callback(made, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(made, on_stream_close);
    return made;
  }
};

grpc_exchange::grpc_exchange(const grpc_format& format, std::size_t depth)
    : format_(format), calls_(depth), session_(nullptr, nghttp2_session_del) {
  reset();
}

grpc_exchange::~grpc_exchange() = default;

void grpc_exchange::reset() {
  free_.clear();
  for (call& each : calls_) free_.push_back(&each);
  output_.clear();
  going_away_ = false;
  malformed_ = false;

  const std::unique_ptr<nghttp2_session_callbacks, void (*)(nghttp2_session_callbacks*)> all{
      callbacks::make(), nghttp2_session_callbacks_del};
  nghttp2_session* made = nullptr;
  FACTORD_CHECK(nghttp2_session_client_new(&made, all.get(), this) == 0);
  session_.reset(made);
  FACTORD_CHECK(nghttp2_submit_settings(made, NGHTTP2_FLAG_NONE, nullptr, 0) == 0);
}

void grpc_exchange::ask(const request& what, time_point started) {
  FACTORD_CHECK(has_room());
  call& asked = *free_.back();
  free_.pop_back();
  write_body(format_.ids, what.id_index, asked.body);
  asked.what = what.what;
  asked.started = started;
  asked.body_sent = 0;
  asked.http_status = 0;
  asked.grpc_status = -1;

  const std::array head{field(":method", "POST"),
                        field(":scheme", format_.scheme),
                        field(":authority", format_.authority),
                        field(":path", paths[static_cast<std::size_t>(what.what)]),
                        field("content-type", "application/grpc"),
                        field("te", "trailers"),
                        field("authorization", format_.authorization)};
  nghttp2_data_provider body{};
  body.source.ptr = &asked;
  body.read_callback = callbacks::read_body;
  const std::int32_t stream =
      nghttp2_submit_request(session_.get(), nullptr, head.data(), head.size(), &body, &asked);
  FACTORD_CHECK(stream > 0);
  write_output();
}

exchange::state grpc_exchange::received(std::size_t bytes, time_point now, tally& counts) {
  FACTORD_CHECK(bytes <= input_.size());
  now_ = now;
  counts_ = &counts;
  const ssize_t taken = nghttp2_session_mem_recv(
      session_.get(), reinterpret_cast<const std::uint8_t*>(input_.data()), bytes);
  if (taken < 0 || malformed_) return state::malformed;
  write_output();
  if (going_away_ && under_way() == 0) return state::closing;
  // nghttp2 has ended the session by itself: what came is no HTTP/2.
  return nghttp2_session_want_read(session_.get()) == 0 ? state::malformed : state::open;
}

void grpc_exchange::write_output() {
  const std::uint8_t* bytes = nullptr;
  ssize_t size = 0;
  while ((size = nghttp2_session_mem_send(session_.get(), &bytes)) > 0) {
    output_.end().append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(size));
  }
  FACTORD_CHECK(size == 0);
}

void grpc_exchange::end(call& done, std::uint32_t error_code) {
  free_.push_back(&done);
  const auto code = static_cast<std::size_t>(done.grpc_status);
  // An answer without a status is one that HTTP gave in its stead, and then none of success.
  const bool known = done.http_status == 200 && code < http_statuses.size();
  const int status = known ? http_statuses[code] : done.http_status;
  if (error_code != NGHTTP2_NO_ERROR || (!known && (status < 201 || status > 599))) {
    malformed_ = true;
    return;
  }
  counts_->answered(done.what, status, now_ - done.started);
}

}  // namespace factord::load
