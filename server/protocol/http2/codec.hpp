#pragma once

#include <nghttp2/nghttp2.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string_view>

#include "server/base/limits.hpp"
#include "server/protocol/http2/farewell.hpp"
#include "server/protocol/http2/format.hpp"
#include "server/protocol/http2/frame_cursor.hpp"
#include "server/protocol/http2/memory.hpp"
#include "server/protocol/http2/reset_budget.hpp"
#include "server/protocol/http2/session.hpp"
#include "server/protocol/http2/stream.hpp"
#include "server/protocol/http2/stream_table.hpp"
#include "server/protocol/wire/codec.hpp"
#include "server/protocol/wire/date_clock.hpp"

namespace factord::protocol {

/// HTTP/2 (RFC 9113) on nghttp2, which does frames, HPACK, flow control and the rules between them.
/// Ours are the requests, the answers, deadlines and bounds: a stream's window is what its body may
/// have, so nobody sends more than is kept; answers leave as far as output() has room and the other
/// side opens its windows, and while more than limits.output_bytes of them wait no further request
/// is given out.
class http2_codec final : public codec, private http2::session_events {
 public:
  http2_codec(const limits& bounds, const date_clock& date, streaming_rule is_streaming,
              host_rule hosts = host_rule::checked);
  ~http2_codec() override;

  [[nodiscard]] std::size_t receive(std::string_view input) override;
  [[nodiscard]] bool wants_input() const override {
    return !failed_ && output_.size() < bounds_.output_bytes;
  }
  [[nodiscard]] request* next() override;
  [[nodiscard]] request* again(std::uint64_t id) override;
  [[nodiscard]] bool has_next() const override {
    return !ready_.empty() && !failed_ && unsent_ < bounds_.output_bytes;
  }
  void respond(std::uint64_t id, const response& answer) override;
  [[nodiscard]] bool awaits(std::uint64_t id) const override {
    const http2::stream* const found = find(static_cast<std::int32_t>(id));
    return found != nullptr && !found->answered && !mute_ && !http2::is_broken_off(session_.get());
  }
  [[nodiscard]] bool has_room(std::uint64_t id) const override {
    const http2::stream* const found = find(static_cast<std::int32_t>(id));
    return found != nullptr && found->unsent() == 0 && output_.size() < bounds_.output_bytes;
  }
  [[nodiscard]] bool independent() const override { return true; }
  void sweep(time_point now, bool reading) override;
  void end_of_input() override;
  void drain() override;
  [[nodiscard]] bool idle() const override;
  [[nodiscard]] bool finished() const override;
  void fill_output() override;
  [[nodiscard]] std::size_t held_bytes() const override;

 private:
  void on_request(std::int32_t id) override;
  void on_field(std::int32_t id, std::string_view name, std::string_view value) override;
  void on_frame(const nghttp2_frame& frame) override;
  void on_body(std::int32_t id, std::string_view bytes) override;
  void on_sent(const nghttp2_frame& frame) override;
  void on_closed(std::int32_t id) override;
  [[nodiscard]] ssize_t on_read(http2::stream& from, std::span<char> space,
                                std::uint32_t& flags) override;

  [[nodiscard]] http2::stream* find(std::int32_t id) const;
  void on_header_end(http2::stream& to, bool ends);
  void on_end(http2::stream& to);
  void queue(http2::stream& ready);
  void refuse(http2::stream& bad, const refusal& why);
  void drop_rest(http2::stream& answered);
  void open_window(const http2::stream& of);
  void give_back();
  [[nodiscard]] bool no_more() const;
  void fail(std::uint32_t code);
  void check(int outcome);
  void count_reset();

  // Constant after construction.
  const limits& bounds_;
  const date_clock& date_;
  const streaming_rule is_streaming_;
  const host_rule hosts_;

  http2::counted_memory memory_;  ///< of session_
  http2::session_handle session_;
  std::size_t idle_bytes_;  ///< of memory_, what every session has
  http2::reset_budget resets_;
  http2::stream_table open_;
  std::deque<http2::stream*> ready_;  ///< for next(), all of them open
  http2::stream* given_ = nullptr;    ///< what next() gave out in parts last, if it is open
  std::size_t unsent_ = 0;            ///< of all answers but those that are paced
  http2::header_list headers_;
  http2::farewell farewell_;
  bool input_over_ = false;
  bool failed_ = false;  ///< nothing more is read
  bool mute_ = false;    ///< and nothing more can be said

  http2::frame_cursor cursor_;
  http2::frame_deadline frame_deadline_;
};

}  // namespace factord::protocol
