#include "server/protocol/http2/frame_cursor.hpp"

#include <nghttp2/nghttp2.h>

#include <algorithm>

namespace factord::protocol::http2 {
namespace {

std::size_t take(std::string_view& bytes, std::size_t wanted) {
  const std::size_t taken = std::min(bytes.size(), wanted);
  bytes.remove_prefix(taken);
  return taken;
}

}  // namespace

std::size_t frame_cursor::advance(std::string_view bytes) {
  const std::size_t all = bytes.size();
  preface_left_ -= take(bytes, preface_left_);
  while (!bytes.empty()) {
    if (payload_left_ > 0) {
      payload_left_ -= take(bytes, payload_left_);
      continue;
    }
    const std::size_t before = all - bytes.size();
    const std::size_t wanted = std::min(bytes.size(), header_bytes - header_got_);
    std::copy_n(bytes.begin(), wanted, header_.begin() + header_got_);
    bytes.remove_prefix(wanted);
    header_got_ += wanted;
    if (header_got_ < header_bytes) continue;
    if (is_priority_of_nothing()) return before;
    begin_frame();
  }
  return all;
}

bool frame_cursor::is_priority_of_nothing() const {
  const bool reserved_aside = (header_[5] & 0x7FU) == 0;
  return header_[3] == NGHTTP2_PRIORITY && reserved_aside && header_[6] == 0 && header_[7] == 0 &&
         header_[8] == 0;
}

void frame_cursor::begin_frame() {
  header_got_ = 0;
  if (!block_open_) ++begun_;
  payload_left_ = std::size_t{header_[0]} << 16U | std::size_t{header_[1]} << 8U | header_[2];
  const unsigned type = header_[3];
  data_ = type == NGHTTP2_DATA;
  if (type == NGHTTP2_HEADERS || type == NGHTTP2_CONTINUATION)
    block_open_ = (header_[4] & NGHTTP2_FLAG_END_HEADERS) == 0;
}

frame_cursor::inside frame_cursor::where() const noexcept {
  const bool in_preface = preface_left_ > 0;
  if (in_preface || header_got_ > 0 || block_open_) return inside::frame;
  if (payload_left_ == 0) return inside::nothing;
  return data_ ? inside::data : inside::frame;
}

bool frame_deadline::is_late(const frame_cursor& cursor, std::chrono::steady_clock::time_point now,
                             bool reading, const limits& bounds) {
  using enum frame_cursor::inside;
  const auto where = cursor.where();
  const bool seen = reading && where == swept_ && cursor.begun() == swept_frame_;
  swept_ = where;
  swept_frame_ = cursor.begun();
  if (!seen) inside_since_ = now;
  if (where == nothing) return false;
  return now - inside_since_ >= (where == data ? bounds.body_time : bounds.header_time);
}

}  // namespace factord::protocol::http2
