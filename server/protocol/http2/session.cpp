#include "server/protocol/http2/session.hpp"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <limits>
#include <new>
#include <string>

#include "server/protocol/http2/format.hpp"
#include "server/protocol/wire/envelope.hpp"
#include "storage/base/check.hpp"

namespace factord::protocol::http2 {

namespace {

// Bodies of all streams together, in flight: each is bounded by itself.
constexpr std::int32_t connection_window = 1 << 20;
// A header that is within its limit fits into one frame. nghttp2 counts a CONTINUATION once for
// each read that a part of its 9 bytes of frame header comes in.
constexpr std::size_t continuations = 8 * 9;

template <class Handle, void (*Delete)(Handle*)>
struct c_deleter {
  void operator()(Handle* handle) const noexcept { Delete(handle); }
};
using callbacks_handle =
    std::unique_ptr<nghttp2_session_callbacks,
                    c_deleter<nghttp2_session_callbacks, nghttp2_session_callbacks_del>>;
using options_handle =
    std::unique_ptr<nghttp2_option, c_deleter<nghttp2_option, nghttp2_option_del>>;

// Of all that nghttp2 refuses, only memory can be missing here.
void expect_done(int outcome) {
  if (outcome == NGHTTP2_ERR_NOMEM) throw std::bad_alloc{};
  FACTORD_CHECK(outcome == 0);
}

options_handle make_options(const limits& bounds) {
  nghttp2_option* made = nullptr;
  expect_done(nghttp2_option_new(&made));
  options_handle options(made);
  // We open windows ourselves: a request in parts is bounded by what was taken of it.
  nghttp2_option_set_no_auto_window_update(made, 1);
  nghttp2_option_set_no_closed_streams(made, 1);
  nghttp2_option_set_max_outbound_ack(made, bounds.http2_acks);
  nghttp2_option_set_max_continuations(made, continuations);
  // We count ourselves (reset_budget).
  constexpr auto endless = std::numeric_limits<std::uint64_t>::max();
  nghttp2_option_set_stream_reset_rate_limit(made, endless, endless);
  return options;
}

void submit_settings(nghttp2_session* session, const limits& bounds) {
  const nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, static_cast<std::uint32_t>(bounds.http2_streams)},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<std::uint32_t>(stream_window(bounds))},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(bounds.header_bytes)},
      {NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES, 1},
  };
  expect_done(nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings, std::size(settings)));
  expect_done(
      nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, connection_window));
}

session_events& events_of(void* user_data) { return *static_cast<session_events*>(user_data); }

// No exception may pass through nghttp2, which is C.
template <class Body>
int guarded(Body body) noexcept {
  try {
    body();
    return 0;
  } catch (const std::exception&) {
    return NGHTTP2_ERR_CALLBACK_FAILURE;
  }
}

int begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
  if (frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
  return guarded([&] { events_of(user_data).on_request(frame->hd.stream_id); });
}

int header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
           std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t,
           void* user_data) {
  if (frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
  return guarded([&] {
    events_of(user_data).on_field(frame->hd.stream_id, view(name, name_size),
                                  view(value, value_size));
  });
}

int invalid_header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t*, std::size_t,
                   const std::uint8_t*, std::size_t, std::uint8_t, void*) {
  return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

int frame_received(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
  return guarded([&] { events_of(user_data).on_frame(*frame); });
}

int data_chunk(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* data,
               std::size_t size, void* user_data) {
  return guarded([&] { events_of(user_data).on_body(id, view(data, size)); });
}

int frame_sent(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
  return guarded([&] { events_of(user_data).on_sent(*frame); });
}

int stream_closed(nghttp2_session*, std::int32_t id, std::uint32_t, void* user_data) {
  return guarded([&] { events_of(user_data).on_closed(id); });
}

ssize_t read_body(nghttp2_session*, std::int32_t, std::uint8_t* space, std::size_t size,
                  std::uint32_t* flags, nghttp2_data_source* source, void* user_data) {
  ssize_t taken = 0;
  const int outcome = guarded([&] {
    taken = events_of(user_data).on_read(*static_cast<stream*>(source->ptr),
                                         {reinterpret_cast<char*>(space), size}, *flags);
  });
  return outcome == 0 ? taken : outcome;
}

callbacks_handle make_callbacks() {
  nghttp2_session_callbacks* made = nullptr;
  expect_done(nghttp2_session_callbacks_new(&made));
  callbacks_handle all(made);
  nghttp2_session_callbacks_set_on_begin_headers_callback(made, begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(made, header);
  nghttp2_session_callbacks_set_on_invalid_header_callback(made, invalid_header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(made, frame_received);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, data_chunk);
  nghttp2_session_callbacks_set_on_frame_send_callback(made, frame_sent);
  nghttp2_session_callbacks_set_on_stream_close_callback(made, stream_closed);
  return all;
}

}  // namespace

session_handle make_session(session_events& events, const limits& bounds, counted_memory& memory) {
  static const callbacks_handle callbacks = make_callbacks();
  const options_handle options = make_options(bounds);
  nghttp2_mem functions = memory.functions();
  nghttp2_session* made = nullptr;
  expect_done(
      nghttp2_session_server_new3(&made, callbacks.get(), &events, options.get(), &functions));
  session_handle session(made);
  submit_settings(made, bounds);
  return session;
}

std::size_t stream_window(const limits& bounds) noexcept {
  constexpr std::size_t window_max = NGHTTP2_MAX_WINDOW_SIZE;
  return std::min(bounds.body_bytes + envelope_head_bytes, window_max);
}

bool is_broken_off(nghttp2_session* session) noexcept {
  return nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0;
}

std::uint32_t wire_code_of(ssize_t fatal) noexcept {
  switch (fatal) {
    case NGHTTP2_ERR_BAD_CLIENT_MAGIC:
      return NGHTTP2_PROTOCOL_ERROR;
    case NGHTTP2_ERR_FLOODED:
    case NGHTTP2_ERR_TOO_MANY_CONTINUATIONS:
      return NGHTTP2_ENHANCE_YOUR_CALM;
    default:
      return NGHTTP2_INTERNAL_ERROR;
  }
}

int submit_continue(nghttp2_session* session, std::int32_t id) {
  std::string name = ":status";
  std::string value = "100";
  const auto bytes = [](std::string& text) { return reinterpret_cast<std::uint8_t*>(text.data()); };
  const nghttp2_nv status{bytes(name), bytes(value), name.size(), value.size(),
                          NGHTTP2_NV_FLAG_NONE};
  return nghttp2_submit_headers(session, NGHTTP2_FLAG_NONE, id, nullptr, &status, 1, nullptr);
}

nghttp2_data_provider body_of(stream& answering) { return {{.ptr = &answering}, read_body}; }

}  // namespace factord::protocol::http2
