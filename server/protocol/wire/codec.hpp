#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/protocol/wire/request.hpp"
#include "server/protocol/wire/response.hpp"

namespace factord::protocol {

/// Bytes in, requests out, answers in, bytes out: one connection's wire format, without its socket.
/// The caller loops:
///
///     bytes.remove_prefix(codec.receive(bytes));
///     while (request* r = codec.next()) { ...; bytes.remove_prefix(codec.receive(bytes)); }
///     codec.fill_output();
///
/// and sends whatever output() holds. Owned by one connection, called on its shard only.
class codec {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Tells which targets are to be given out in parts.
  using streaming_rule = bool (*)(std::string_view target);

  codec() = default;
  codec(const codec&) = delete;
  codec& operator=(const codec&) = delete;
  virtual ~codec() = default;

  /// What time it is, for requests whose header ends in what is received next.
  void set_time(time_point now) noexcept { now_ = now; }

  /// Takes bytes from the front of `input` and returns how many; the caller keeps the rest and
  /// offers it again, longer. HTTP/1.1 stops at the end of a request until next() gave it out. What
  /// is malformed or too large is answered or refused as its version says.
  [[nodiscard]] virtual std::size_t receive(std::string_view input) = 0;

  /// True where receive() takes the next byte: more requests are wanted, and neither the unanswered
  /// ones nor output() are at their limit. The one answer to whether there may be more input.
  [[nodiscard]] virtual bool wants_input() const = 0;

  /// The next complete request (or, to a streaming target, the next part of one), or null: more
  /// input is needed, or too much is unanswered. Valid until the next call of receive(), next() or
  /// again().
  [[nodiscard]] virtual request* next() = 0;

  /// A request in parts as it was given out last, with what its reader has left of the body: for a
  /// reader that had no use for it then. Null where nobody awaits its answer any more, or where all
  /// of it was given out and taken. Valid as that of next() is.
  [[nodiscard]] virtual request* again(std::uint64_t id) = 0;

  /// True where next() would give one out without more input.
  [[nodiscard]] virtual bool has_next() const = 0;

  /// Answers a request that next() gave out; each exactly once (in parts: up to a part without
  /// `more`), in any order. `answer` is copied. Where the client reset the HTTP/2 stream in between
  /// the answer is dropped; what the request did, it did.
  virtual void respond(std::uint64_t id, const response& answer) = 0;

  /// False where no answer, or no further part of one, can reach the other side: it has been given
  /// all, or reset the stream.
  [[nodiscard]] virtual bool awaits(std::uint64_t id) const = 0;

  /// True where a further part of an answer would be the first that waits to be sent: it is its
  /// turn, and what was given of it before is sent, or in output() for the larger part.
  [[nodiscard]] virtual bool has_room(std::uint64_t id) const = 0;

  /// True where requests are independent of each other (HTTP/2 streams); otherwise their effects
  /// happen in the order of the requests.
  [[nodiscard]] virtual bool independent() const = 0;

  /// Applies the deadlines of headers and bodies: answers 408 to what is late (HTTP/1.1: and no
  /// more requests come). A deadline starts at the first sweep that sees what it is for, so it ends
  /// late by a sweep, never early. `reading` is false where the caller itself stopped reading,
  /// which is not the end of the input: nobody is late then, and every deadline starts again.
  virtual void sweep(time_point now, bool reading) = 0;

  /// The other side closed its sending half: requests cut short are dropped, the answers to the
  /// complete ones are still due.
  virtual void end_of_input() = 0;

  /// The server is going away: no request after those already begun, and the other side is told so
  /// (Connection: close, GOAWAY).
  virtual void drain() = 0;

  /// No request is under way from the other side: nothing that sweep() has a deadline for. A stream
  /// of answers that waits for us to go on is none.
  [[nodiscard]] virtual bool idle() const = 0;

  /// No more requests will be given out, and every answer is in output(): once that is sent, the
  /// sending half is closed.
  [[nodiscard]] virtual bool finished() const = 0;

  /// Moves what may be sent into output(), up to limits.output_bytes. Before each write; HTTP/1.1
  /// has nothing to do here.
  virtual void fill_output() = 0;

  /// Memory held for requests and for answers that wait, beyond output().
  [[nodiscard]] virtual std::size_t held_bytes() const = 0;

  /// Bytes to send, in order. The caller takes from the front.
  [[nodiscard]] std::string& output() noexcept { return output_; }

 protected:
  time_point now_{};
  std::string output_;
};

}  // namespace factord::protocol
