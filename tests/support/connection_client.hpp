#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/connection_requests.hpp"
#include "tests/support/tls_peer.hpp"
#include "tests/unit/server/protocol/http2/client.hpp"

namespace factord::testing {

/// The client of connection_world: requests in, bytes out; bytes in, answers out. HTTP/1.1 or
/// HTTP/2, plain or over TLS.
class connection_client {
 public:
  connection_client(bool http2, bool encrypted, token_names tokens);

  void send(ask what);
  /// Bytes that nobody made with care; below TLS, or above it. What it asked before stays known.
  void send_raw(std::string_view bytes, bool below_tls);

  /// It has no more to say. Of TLS that is a message of its own.
  void end();
  /// All that it has said is in output(): no handshake is under way.
  [[nodiscard]] bool settled() const { return plain_.empty() && !said_nothing_; }

  /// The bytes it has to send now.
  [[nodiscard]] std::string output();
  void feed(std::string_view bytes);

  [[nodiscard]] const std::vector<request_sent>& sent() const noexcept { return sent_; }
  /// What was answered to a request: on HTTP/1.1 what stands in its place.
  [[nodiscard]] std::optional<answer_parts> answer(const request_sent& to);
  /// As much of it as has come, where it comes in parts.
  [[nodiscard]] std::optional<answer_parts> begun(const request_sent& to);
  /// HTTP/2: its stream was one too many, and nothing was done of it (RFC 9113, section 8.7).
  [[nodiscard]] bool refused(const request_sent& one);
  /// HTTP/1.1: more answers than requests, or half of one that is no Watch.
  [[nodiscard]] bool answered_too_much() const;
  [[nodiscard]] bool http2() const noexcept { return http2_ != nullptr; }
  /// Its bytes were such that nothing can be said of what they ask.
  [[nodiscard]] bool dirty() const noexcept { return dirty_; }

 private:
  void take_plain(std::string_view bytes);

  const token_names tokens_;
  std::unique_ptr<protocol::testing::http2_client> http2_;  ///< null: HTTP/1.1
  std::unique_ptr<tls_peer> tls_;                           ///< null: plain
  std::vector<request_sent> sent_;
  std::vector<std::int32_t> streams_;  ///< of sent_, where it is HTTP/2
  std::string plain_;                  ///< to be sent, before TLS
  std::string raw_;                    ///< to be sent, after it
  std::string input_;                  ///< of HTTP/1.1, not taken apart yet
  std::vector<answer_parts> answers_;
  std::optional<answer_parts> half_;  ///< in input_, what is known of the next
  bool dirty_ = false;
  bool over_ = false;          ///< of TLS: it has said that it ends
  bool said_nothing_ = false;  ///< it ended before its handshake was over
};

}  // namespace factord::testing
