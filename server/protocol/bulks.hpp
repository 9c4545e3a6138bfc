#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "server/protocol/bulk.hpp"
#include "server/protocol/session_environment.hpp"
#include "server/protocol/wire/codec.hpp"
#include "server/service/call.hpp"

namespace factord::protocol {

/// The bulks of one connection. One thread, which serves others too: lines are begun in turns.
class bulks {
 public:
  /// About a tenth of a millisecond.
  static constexpr std::size_t lines_of_a_turn = 32;

  explicit bulks(const session_environment& with) : with_(with) {}

  /// `head` was read from a request that asks for a bulk, and is started next.
  void open(service::call& head, const request& incoming);
  /// True where this is a further part of the request of one, which has it then.
  bool take_part(const request& incoming);
  /// The head was let in, and the header of its answer given; or it was not.
  void admit(service::call& head) { bulk_of(head).admit(); }
  void forget(service::call& head);

  /// A line is answered.
  void complete(service::call& line) { bulk_of(line).complete(line); }
  /// One whose start was not all of it is in the commit queue now.
  void submitted(service::call& line) { bulk_of(line).submitted(line); }

  /// No more lines are begun, of those to come either.
  void drain();
  void end_of_input();

  /// Ends those whose deadline has passed, also where nothing comes any more. Regularly.
  void sweep(codec::time_point now);

  /// Begins lines, as many as are left of this turn, and gives answers, as far as there is room.
  /// True where there was any.
  [[nodiscard]] bool go_on(codec& on);
  /// Of the next turn another one has the first.
  void begin_turn();
  /// This turn is over.
  [[nodiscard]] bool want_a_turn() const noexcept { return left_ == 0 && !open_.empty(); }
  /// Takes the head of one that is answered; null where there is none.
  [[nodiscard]] service::call* take_over();

  [[nodiscard]] bool empty() const noexcept { return open_.empty(); }
  /// The clients of all may be waiting for us.
  [[nodiscard]] bool busy() const;
  /// Calls that are in nobody else's hands, for whoever ends with the connection.
  [[nodiscard]] std::vector<service::call*> resting() const;
  [[nodiscard]] std::size_t held_bytes() const noexcept;

 private:
  [[nodiscard]] bulk* find(std::uint64_t request_id) const;
  [[nodiscard]] bulk& bulk_of(const service::call& one) const;

  const session_environment& with_;
  std::vector<std::unique_ptr<bulk>> open_;
  std::size_t left_ = lines_of_a_turn;
  bool draining_ = false;
};

}  // namespace factord::protocol
