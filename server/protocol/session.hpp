#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "server/protocol/bulks.hpp"
#include "server/protocol/event_streams.hpp"
#include "server/protocol/rpc/health_watches.hpp"
#include "server/protocol/session_environment.hpp"
#include "server/protocol/wire/authority.hpp"
#include "server/protocol/wire/codec.hpp"
#include "server/service/call.hpp"

namespace factord::protocol {

/// One connection without its socket: codec, routing, calls and answers. Bytes go in, calls go to
/// the service, finished calls come back, bytes come out. Effects of one HTTP/1.1 connection happen
/// in request order: a read waits for that connection's earlier writes, and a write until they are
/// submitted; HTTP/2 streams do not wait for each other. Called on its shard only.
class session {
 public:
  /// `ticket` goes into every call, so that its completion finds the way back. On the admin
  /// surface no host is looked at, whatever `hosts` says.
  session(const session_environment& environment, surface routes, service::ticket ticket,
          host_rule hosts = host_rule::checked);
  ~session();
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  /// Before the first byte: the version that both sides have agreed on. Without it the first bytes
  /// tell: HTTP/2 begins with its preface (RFC 9113, section 3.3), all else is HTTP/1.1.
  void agree_on(http_version version);

  /// Takes bytes from the front of `input` and runs the requests in them. Returns how many it took;
  /// the rest is offered again once there is more, or wants_input() is true again.
  [[nodiscard]] std::size_t receive(std::string_view input);

  /// A call of this session is finished: answers it and gives it back to the pool. May be called
  /// from inside receive() (a call that was answered at once). Afterwards output() may hold more,
  /// and receive() may take more.
  void complete(service::call& done);

  /// A write of this session whose start was not all of it is in the commit queue now. Afterwards
  /// receive() may take more.
  void submitted(service::call& begun);

  /// False where the answer of a call of this session has nowhere to go any more.
  [[nodiscard]] bool awaits(const service::call& pending) const;
  /// Lets streams and bulks go on for which there is room. True where one did.
  bool resume_streams();
  /// A turn is so much of them as may be done before others are let have theirs. What is left of
  /// one that is over waits for the next.
  void begin_turn() { bulks_.begin_turn(); }
  [[nodiscard]] bool wants_a_turn() const noexcept { return bulks_.want_a_turn(); }
  [[nodiscard]] bool has_streams() const noexcept { return !streams_.empty() || !bulks_.empty(); }
  /// event_streams::least_position.
  [[nodiscard]] auto least_position() const { return streams_.least_position(); }

  /// False while it would take no byte: pipelined_requests are unanswered, output() is at its
  /// limit, a request waits for an earlier one, or no more requests are wanted.
  [[nodiscard]] bool wants_input() const;

  void sweep(codec::time_point now, bool reading);
  void set_time(codec::time_point now);
  void end_of_input();
  void drain();

  /// Moves what may be sent into output().
  void fill_output() { codec_->fill_output(); }
  /// True where receive() would run a request without more input.
  [[nodiscard]] bool has_request() const { return codec_->has_next() && wants_input(); }
  /// Calls that were started and are not finished.
  [[nodiscard]] std::size_t calls_in_flight() const noexcept { return in_flight_; }
  /// No request is under way from the other side, and none is unanswered but a Watch.
  [[nodiscard]] bool idle() const { return codec_->idle() && in_flight_ == 0; }
  [[nodiscard]] std::size_t held_bytes() const {
    return codec_->held_bytes() + watches_.held_bytes() + streams_.held_bytes() +
           bulks_.held_bytes();
  }
  [[nodiscard]] bool finished() const;
  [[nodiscard]] std::string& output() noexcept { return codec_->output(); }

 private:
  [[nodiscard]] std::string_view detect(std::string_view input);
  void run(request& incoming);
  [[nodiscard]] bool must_wait(service::operation op) const;
  void start(request& incoming);
  void start_held();
  void watch(request& incoming);
  void identify(const request& incoming);
  void respond(const request& incoming, response& out);
  void end_watches();
  void finish(service::call& done);
  void end_stream(service::call& gone);
  void drop(service::call& rested) noexcept;

  const session_environment& environment_;
  const surface surface_;
  const service::ticket ticket_;
  const host_rule hosts_;
  std::unique_ptr<codec> codec_;
  codec::time_point now_{};
  bool detecting_;  ///< it may still turn out to be HTTP/2
  bool draining_ = false;
  route_match match_;                 ///< of the newest request
  service::request_context context_;  ///< and what it is called
  codec::time_point asked_at_{};      ///< when that was read
  request* held_ = nullptr;           ///< a request that waits for the connection's earlier ones
  health_watches watches_;
  event_streams streams_;
  bulks bulks_;
  bool input_ended_ = false;
  std::size_t writes_in_flight_ = 0;
  std::size_t writes_to_submit_ = 0;  ///< those of them that are not in the commit queue yet
  std::size_t in_flight_ = 0;
};

}  // namespace factord::protocol
