#include "tests/unit/server/protocol/http2/client.hpp"

#include <algorithm>

#include "storage/base/check.hpp"

namespace factord::protocol::testing {
namespace {

std::string text(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

nghttp2_nv field(const std::string& name, const std::string& value) {
  const auto bytes = [](const std::string& of) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(of.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

}  // namespace

std::string http2_answer::value(std::string_view name) const {
  for (const auto& one : header) {
    if (one.first == name) return one.second;
  }
  return {};
}

struct http2_client::hooks {
  static http2_client& self(void* user_data) { return *static_cast<http2_client*>(user_data); }

  static int header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name,
                    std::size_t name_size, const std::uint8_t* value, std::size_t value_size,
                    std::uint8_t, void* user_data) {
    http2_answer& to = self(user_data).answers_[frame->hd.stream_id];
    auto& fields = frame->headers.cat == NGHTTP2_HCAT_RESPONSE ? to.header : to.trailers;
    fields.emplace_back(text(name, name_size), text(value, value_size));
    return 0;
  }

  static int frame(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
    http2_client& mine = self(user_data);
    const bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    const bool ack = (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0;
    switch (frame->hd.type) {
      case NGHTTP2_DATA:
        ++mine.answers_[frame->hd.stream_id].data_frames;
        [[fallthrough]];
      case NGHTTP2_HEADERS:
        mine.answers_[frame->hd.stream_id].ended |= ends;
        break;
      case NGHTTP2_PING:
        ++(ack ? mine.pongs : mine.pings);
        break;
      case NGHTTP2_SETTINGS:
        for (std::size_t i = 0; i < frame->settings.niv; ++i)
          mine.settings[frame->settings.iv[i].settings_id] = frame->settings.iv[i].value;
        break;
      default:
        break;
    }
    return 0;
  }

  static int data(nghttp2_session*, std::uint8_t, std::int32_t id, const std::uint8_t* bytes,
                  std::size_t size, void* user_data) {
    self(user_data).answers_[id].body += text(bytes, size);
    return 0;
  }

  static int closed(nghttp2_session*, std::int32_t id, std::uint32_t code, void* user_data) {
    self(user_data).answers_[id].closed = true;
    self(user_data).answers_[id].code = code;
    return 0;
  }

  static ssize_t read(nghttp2_session*, std::int32_t, std::uint8_t* space, std::size_t size,
                      std::uint32_t* flags, nghttp2_data_source* source, void*) {
    auto& from = *static_cast<upload*>(source->ptr);
    const std::size_t taken = std::min(size, from.body.size());
    std::copy_n(from.body.begin(), taken, space);
    from.body.erase(0, taken);
    if (from.body.empty() && from.last) *flags |= NGHTTP2_DATA_FLAG_EOF;
    if (taken == 0 && !from.last) return NGHTTP2_ERR_DEFERRED;
    return static_cast<ssize_t>(taken);
  }
};

http2_client::http2_client(bool reads, std::vector<nghttp2_settings_entry> wanted) {
  nghttp2_session_callbacks* callbacks = nullptr;
  FACTORD_CHECK(nghttp2_session_callbacks_new(&callbacks) == 0);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, hooks::header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, hooks::frame);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, hooks::data);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, hooks::closed);
  nghttp2_option* options = nullptr;
  FACTORD_CHECK(nghttp2_option_new(&options) == 0);
  nghttp2_option_set_no_auto_window_update(options, reads ? 0 : 1);
  FACTORD_CHECK(nghttp2_session_client_new2(&session_, callbacks, this, options) == 0);
  nghttp2_option_del(options);
  nghttp2_session_callbacks_del(callbacks);
  FACTORD_CHECK(nghttp2_submit_settings(session_, 0, wanted.data(), wanted.size()) == 0);
}

http2_client::~http2_client() { nghttp2_session_del(session_); }

std::int32_t http2_client::request(const std::string& method, const std::string& path,
                                   const std::string& body, const field_list& fields, bool more) {
  static const std::string names[] = {":method", ":path", ":scheme", ":authority"};
  static const std::string scheme = "http";
  static const std::string authority = "h";
  std::vector<nghttp2_nv> block = {field(names[0], method), field(names[1], path),
                                   field(names[2], scheme), field(names[3], authority)};
  for (const auto& one : fields) block.push_back(field(one.first, one.second));
  auto sent = std::make_unique<upload>(upload{body, !more});
  nghttp2_data_provider provider{{.ptr = sent.get()}, hooks::read};
  const bool has_body = more || !body.empty();
  const std::int32_t id = nghttp2_submit_request(session_, nullptr, block.data(), block.size(),
                                                 has_body ? &provider : nullptr, nullptr);
  FACTORD_CHECK(id > 0);
  uploads_[id] = std::move(sent);
  return id;
}

void http2_client::send(std::int32_t id, const std::string& body, bool last) {
  uploads_[id]->body += body;
  uploads_[id]->last = last;
  (void)nghttp2_session_resume_data(session_, id);
}

void http2_client::reset(std::int32_t id, std::uint32_t code) {
  FACTORD_CHECK(nghttp2_submit_rst_stream(session_, 0, id, code) == 0);
}

void http2_client::ping() { FACTORD_CHECK(nghttp2_submit_ping(session_, 0, nullptr) == 0); }

void http2_client::open_window(std::int32_t id, int bytes) {
  FACTORD_CHECK(nghttp2_submit_window_update(session_, 0, id, bytes) == 0);
}

void http2_client::go_away() {
  FACTORD_CHECK(nghttp2_submit_goaway(session_, 0, 0, NGHTTP2_NO_ERROR, nullptr, 0) == 0);
}

std::string http2_client::output() {
  std::string all;
  for (;;) {
    const std::uint8_t* bytes = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_, &bytes);
    FACTORD_CHECK(size >= 0);
    if (size == 0) return all;
    all += text(bytes, static_cast<std::size_t>(size));
  }
}

void http2_client::feed(std::string_view bytes) {
  note_goaways(bytes);
  const ssize_t taken = nghttp2_session_mem_recv(
      session_, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  error |= taken != static_cast<ssize_t>(bytes.size());
}

// By hand: nghttp2 reads nothing after a GOAWAY where no stream is open.
void http2_client::note_goaways(std::string_view bytes) {
  const auto number = [this](std::size_t at, std::size_t size) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
      value = value << 8U | static_cast<unsigned char>(unread_[at + i]);
    return value;
  };
  unread_ += bytes;
  while (unread_.size() >= 9 && unread_.size() >= 9 + number(0, 3)) {
    const std::size_t size = 9 + number(0, 3);
    if (number(3, 1) == NGHTTP2_GOAWAY)
      goaways.push_back({static_cast<std::int32_t>(number(9, 4)), number(13, 4)});
    unread_.erase(0, size);
  }
}

std::string http2_frame(unsigned type, unsigned flags, std::uint32_t id, std::string_view payload) {
  std::string out;
  const auto byte = [&out](std::size_t value) { out += static_cast<char>(value & 0xFFU); };
  for (const unsigned shift : {16U, 8U, 0U}) byte(payload.size() >> shift);
  byte(type);
  byte(flags);
  for (const unsigned shift : {24U, 16U, 8U, 0U}) byte(id >> shift);
  return out.append(payload);
}

}  // namespace factord::protocol::testing
