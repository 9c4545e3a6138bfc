#include "tests/simulation/follower.hpp"

#include <boost/json/parse.hpp>

namespace factord::simulation {

follower::follower(const surroundings& around)
    : around_(around),
      socket_(around.time, around.random, around.servers, protocol::surface::admin,
              [this](std::string_view piece) { arrive(piece); }) {
  around_.time.after(moment{1'000}, [this] { step(); });
}

// Followers live as long as the run.
void follower::step() {
  around_.time.after(moment{around_.random.between(1, 20'000)}, [this] { step(); });
  if (!socket_.open()) return connect();
  if (!around_.stays && around_.random.percent(2)) hang_up();
}

void follower::connect() {
  if (!socket_.connect()) return;
  around_.log.add("follower", "begins at server " + std::to_string(socket_.home()) + " behind " +
                                  std::to_string(shown_));
  socket_.send("GET /admin/v1/events?after=" + std::to_string(shown_) +
               " HTTP/1.1\r\nHost: h\r\nAccept: application/x-ndjson\r\n\r\n");
}

void follower::hang_up() {
  around_.log.add("follower", "hangs up");
  socket_.close();
  answer_.clear();
}

void follower::server_died(std::size_t which) {
  if (socket_.server_died(which)) hang_up();
}

void follower::log_found(std::uint64_t last, bool may_lose) {
  if (shown_ <= last) return;
  if (!may_lose)
    throw violation{"event " + std::to_string(shown_) + " was shown to a stream, and is lost"};
  shown_ = last;
  if (socket_.open()) hang_up();
}

// Anything but a stream is an error, which has its end.
void follower::arrive(std::string_view piece) {
  if (piece.empty()) return hang_up();
  answer_.receive(piece);
  const auto status = answer_.status();
  if (!status) return;
  if (*status != 200) return hang_up();
  while (const auto line = answer_.take_line()) take_line(*line);
  if (!answer_.ended()) return;
  if (!answer_.rest().empty()) throw violation{"a stream ended within an event: " + answer_.rest()};
  hang_up();
}

void follower::take_line(std::string_view line) {
  if (line.empty()) return;
  const auto event = boost::json::parse(line);
  const std::uint64_t sequence = std::stoull(event.at("sequence").as_string().c_str());
  if (sequence != shown_ + 1) {
    throw violation{"a stream skips: behind event " + std::to_string(shown_) + " it has " +
                    std::to_string(sequence)};
  }
  if (sequence > around_.past.last())
    throw violation{"a stream shows what is not in the log: " + std::string(line)};
  const storage::event_record& due = around_.past.at(sequence);
  const auto type = storage::name(static_cast<storage::event_type>(due.type()));
  if (event.at("type").as_string() != type || event.at("aggregateId").as_string() != due.user_id())
    throw violation{"a stream shows another event than the log has: " + std::string(line)};
  shown_ = sequence;
  around_.log.add("follower", "is shown " + std::to_string(sequence));
}

std::string follower::position() const {
  return "a stream has shown " + std::to_string(shown_) + " of " +
         std::to_string(around_.past.last()) + " events";
}

}  // namespace factord::simulation
