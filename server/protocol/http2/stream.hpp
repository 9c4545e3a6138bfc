#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/limits.hpp"
#include "server/protocol/wire/authority.hpp"
#include "server/protocol/wire/codec.hpp"
#include "server/protocol/wire/request.hpp"
#include "server/protocol/wire/response.hpp"

namespace factord::protocol::http2 {

/// Beyond its limit a header is decoded so far, to be answered 431; one that goes on ends the
/// connection. More than frames could hold if they named nothing twice: HPACK lets a byte stand for
/// a field of 4 KiB.
inline constexpr std::size_t header_flood = 128U << 10U;

/// One stream without its frames: a request on its way in, an answer on its way out, and how long
/// each may take. Reused for later streams, so that its strings keep their memory.
class stream {
 public:
  /// As new, or cleared.
  void begin(std::int32_t id);
  /// Nothing of it is left but memory that is worth keeping.
  void clear();

  /// Of its own connection.
  [[nodiscard]] std::int32_t id() const noexcept { return static_cast<std::int32_t>(incoming.id); }

  // The request. Its header fields in order, then end_header(), then its body.
  void add_field(std::string_view name, std::string_view value, std::size_t header_limit);
  void end_header(host_rule hosts);
  /// Of its header and trailers so far, decoded (RFC 9113, section 10.5.1).
  [[nodiscard]] std::size_t header_list_bytes() const noexcept { return header_list_bytes_; }
  /// False where the body is longer than `limit`: that part is not taken.
  [[nodiscard]] bool add_body(std::string_view bytes, std::size_t limit);
  /// Found wanting: nothing more of the request counts, and its answer need not wait for its end.
  void refuse(const refusal& why);

  // The answer, in parts: add_answer() keeps body and trailers of a part, read() takes bytes off.
  void add_answer(const response& part);
  std::size_t read(std::span<char> space);
  [[nodiscard]] std::size_t unsent() const noexcept { return answer_.size() - sent_; }

  /// Called by each sweep (codec::sweep): true where the other side is late.
  [[nodiscard]] bool is_late(codec::time_point now, bool reading, const limits& bounds);
  /// It is the answer that does not get away.
  [[nodiscard]] bool is_stuck() const noexcept { return unsent() > 0; }

  /// It is an answer that goes on when we have more to say.
  [[nodiscard]] bool rests() const noexcept {
    return ended && !queued && answering && !answered && unsent() == 0;
  }

  [[nodiscard]] std::size_t held_bytes() const noexcept {
    return sizeof(stream) + incoming.held_bytes() + answer_.capacity();
  }

  request incoming;               ///< its id is the stream's
  bool streaming = false;         ///< the request goes out in parts
  bool ended = false;             ///< the other side has sent all of it
  bool queued = false;            ///< a part of it waits to be given out
  bool taken = false;             ///< all that counts of it was given out
  bool answering = false;         ///< the header of the answer was submitted
  bool answered = false;          ///< and the last part of it
  bool paced = false;             ///< its parts come as there is room for them
  bool expects_continue = false;  ///< it waits for a 100 before it sends a body
  std::vector<response::header> trailers;
  std::size_t place = 0;  ///< among the open ones

 private:
  /// What it waits for the other side to do.
  enum class debt : std::uint8_t { nothing, body, message, window };

  [[nodiscard]] debt owed() const;

  [[nodiscard]] bool names_hosts_well() const;
  void note_form(std::string_view name, std::string_view value);

  std::size_t header_list_bytes_ = 0;
  std::string authority_;
  std::string host_;  ///< the field, which a client may send beside or instead of :authority
  std::uint16_t scheme_port_ = 0;  ///< the default of the scheme; 0: none that is known here
  std::string answer_;
  std::size_t sent_ = 0;  ///< of it

  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;

  // What is_late() saw last time.
  debt swept_ = debt::nothing;
  std::uint64_t swept_progress_ = 0;
  codec::time_point owed_since_;
};

}  // namespace factord::protocol::http2
