#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/protocol/request.hpp"
#include "server/protocol/response.hpp"

namespace factord::protocol {

/// What the other side owes us; tells the sweep which deadline holds.
enum class receive_phase {
  idle,     ///< nothing: no request has begun
  header,   ///< the rest of a header
  body,     ///< the rest of a body
  discard,  ///< nothing that counts: an error was answered, what comes is thrown away
};

/// Bytes in, requests out, answers in, bytes out: one connection's wire format, without its socket.
/// The caller loops:
///
///     bytes.remove_prefix(codec.receive(bytes));
///     while (request* r = codec.next()) { ...; bytes.remove_prefix(codec.receive(bytes)); }
///
/// and sends whatever output() holds. Owned by one connection, called on its shard only.
class codec {
 public:
  codec() = default;
  codec(const codec&) = delete;
  codec& operator=(const codec&) = delete;
  virtual ~codec() = default;

  /// Takes bytes from the front of `input` and returns how many; the caller keeps the rest and
  /// offers it again, longer. Stops at the end of a request until next() gave it out. What is
  /// malformed or too large becomes an error answer of the codec's own, in its turn.
  [[nodiscard]] virtual std::size_t receive(std::string_view input) = 0;

  /// The next complete request, or null: more input is needed, or pipelined_requests are
  /// unanswered. Valid until the next call of receive() or next().
  [[nodiscard]] virtual request* next() = 0;

  /// Answers a request that next() gave out; each exactly once, in any order. `answer` is copied.
  virtual void respond(std::uint64_t id, const response& answer) = 0;

  /// The other side took too long over a header or body: answers 408, no more requests come.
  virtual void time_out() = 0;

  /// The other side closed its sending half: a request cut short is dropped, the answers to the
  /// complete ones are still due.
  virtual void end_of_input() = 0;

  /// The server is going away: no request after those already begun, and the other side is told so
  /// (Connection: close, GOAWAY).
  virtual void drain() = 0;

  [[nodiscard]] virtual receive_phase phase() const = 0;

  /// No more requests will be given out, and every answer is in output(): once that is sent, the
  /// sending half is closed.
  [[nodiscard]] virtual bool finished() const = 0;

  /// True where finished() came from an error of the other side, who may still be sending: what it
  /// sends is to be discarded for a while before the close, lest a reset destroys the answer.
  [[nodiscard]] virtual bool must_discard() const = 0;

  /// How many requests were read to their end; tells the sweep that the other side goes on.
  [[nodiscard]] virtual std::uint64_t requests_read() const = 0;

  /// Memory held for requests and for answers out of their turn, beyond output().
  [[nodiscard]] virtual std::size_t held_bytes() const = 0;

  /// Bytes to send, in order. The caller takes from the front.
  [[nodiscard]] std::string& output() noexcept { return output_; }

 protected:
  std::string output_;
};

}  // namespace factord::protocol
