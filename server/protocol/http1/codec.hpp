#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/base/limits.hpp"
#include "server/protocol/http1/format.hpp"
#include "server/protocol/http1/parser.hpp"
#include "server/protocol/http1/scanner.hpp"
#include "server/protocol/wire/authority.hpp"
#include "server/protocol/wire/codec.hpp"
#include "server/protocol/wire/date_clock.hpp"

namespace factord::protocol {

/// HTTP/1.0 and HTTP/1.1 (RFC 9112), with pipelining. Answers may be given in any order and leave
/// in the order of the requests. The steady path of small requests allocates nothing.
///
/// A POST to a streaming target is given out in parts: while its reader leaves limits.body_bytes of
/// them no more is read. One that is answered to its end before its own ends the connection.
class http1_codec final : public codec {
 public:
  http1_codec(const limits& bounds, const date_clock& date, host_rule hosts = host_rule::checked,
              streaming_rule in_parts = nullptr);

  [[nodiscard]] std::size_t receive(std::string_view input) override;
  [[nodiscard]] bool wants_input() const override;
  [[nodiscard]] request* next() override;
  [[nodiscard]] request* again(std::uint64_t id) override;
  [[nodiscard]] bool has_next() const override { return stage_ == stage::complete || part_due_; }
  void respond(std::uint64_t id, const response& answer) override;
  [[nodiscard]] bool awaits(std::uint64_t id) const override;
  [[nodiscard]] bool has_room(std::uint64_t id) const override {
    return id == first_id_ && output_.empty();
  }
  [[nodiscard]] bool independent() const override { return false; }
  void sweep(time_point now, bool reading) override;
  void end_of_input() override;
  void drain() override;
  [[nodiscard]] bool idle() const override { return owed() == debt::nothing; }
  [[nodiscard]] bool finished() const override;
  void fill_output() override {}
  [[nodiscard]] std::size_t held_bytes() const override;

 private:
  /// Where the input stands.
  enum class stage : std::uint8_t {
    header,
    body,
    complete,  ///< a request waits for next(), or the last part of one
    left,      ///< all of a request in parts was given out, and not all of it was taken
    closed,    ///< no more requests: input is thrown away
  };

  /// What the other side owes us; which deadline holds.
  enum class debt : std::uint8_t { nothing, header, body };

  /// The turn of one request: what is answered too early waits in it.
  struct turn {
    http1::answer_form form;
    bool answered = false;
    std::string bytes;
  };

  [[nodiscard]] debt owed() const;
  [[nodiscard]] std::size_t skip_empty_lines(std::string_view input);
  [[nodiscard]] std::size_t receive_header(std::string_view input);
  [[nodiscard]] std::size_t receive_body(std::string_view input);
  void settle(http1::parser::status parsed);
  [[nodiscard]] request* next_part();
  void end_request();
  void refuse(const refusal& why);
  void send_continue();

  [[nodiscard]] bool takes_input() const;
  [[nodiscard]] bool has_space() const { return request_.body.size() <= bounds_.body_bytes; }
  [[nodiscard]] bool under_way(std::uint64_t id) const { return begun_ && request_.id == id; }
  [[nodiscard]] std::uint64_t unanswered() const noexcept { return next_id_ - first_id_; }
  [[nodiscard]] turn& turn_of(std::uint64_t id) { return turns_[id % turns_.size()]; }
  std::uint64_t open_turn(http1::answer_form form);
  void grow_turns();
  void close_turn();
  void release_turns();

  // Constant after construction.
  const limits& bounds_;
  const date_clock& date_;
  const host_rule hosts_;
  const streaming_rule streams_;

  stage stage_ = stage::header;
  http1::header_scanner scanner_;
  std::optional<http1::parser> parser_;  ///< of the message under way; one each
  request request_;
  std::uint64_t requests_read_ = 0;
  unsigned empty_lines_ = 0;      ///< before this request's line
  bool continue_wanted_ = false;  ///< a 100 Continue is due once earlier answers are out
  bool last_ = false;             ///< the request under way is the last
  bool in_parts_ = false;         ///< it is given out so
  bool begun_ = false;            ///< the first part of it was
  bool part_due_ = false;         ///< there is another one

  // What sweep() saw last time: the same debt of the same request is one deadline.
  debt swept_ = debt::nothing;
  std::uint64_t swept_request_ = 0;
  std::uint64_t swept_bytes_ = 0;  ///< of one in parts: a deadline is from bit to bit
  time_point owed_since_;

  // Unanswered requests have the ids [first_id_, next_id_), and a ring of turns.
  std::uint64_t first_id_ = 0;
  std::uint64_t next_id_ = 0;
  std::vector<turn> turns_;
  std::size_t waiting_bytes_ = 0;  ///< of answers that wait for their turn
};

}  // namespace factord::protocol
