#include "tests/simulation/follower.hpp"

#include <boost/json/parse.hpp>
#include <charconv>

namespace factord::simulation {

follower::follower(const surroundings& around) : around_(around) {
  around_.time.after(moment{1'000}, [this] { step(); });
}

// Followers live as long as the run.
void follower::step() {
  around_.time.after(moment{around_.random.between(1, 20'000)}, [this] { step(); });
  if (to_server_ == nullptr) return connect();
  if (around_.random.percent(2)) hang_up();
}

void follower::connect() {
  home_ = around_.random.below(around_.servers.size());
  simulated_server* const server = around_.servers[home_].get();
  if (server == nullptr) return;
  from_server_ = std::make_shared<pipe>(around_.time, around_.random,
                                        [this](std::string_view piece) { arrive(piece); });
  link_ = server->accept(protocol::surface::admin, from_server_);
  to_server_ = std::make_shared<pipe>(around_.time, around_.random,
                                      [this, link = link_, home = home_](std::string_view piece) {
                                        const auto& there = around_.servers[home];
                                        if (there != nullptr) there->receive(link, piece);
                                      });
  around_.log.add("follower", "begins at server " + std::to_string(home_) + " behind " +
                                  std::to_string(shown_));
  to_server_->send("GET /admin/v1/events?after=" + std::to_string(shown_) +
                   " HTTP/1.1\r\nHost: h\r\nAccept: application/x-ndjson\r\n\r\n");
}

void follower::hang_up() {
  around_.log.add("follower", "hangs up");
  if (around_.servers[home_] != nullptr) around_.servers[home_]->disconnect(link_);
  to_server_.reset();
  from_server_.reset();
  input_.clear();
  text_.clear();
  begun_ = false;
}

void follower::server_died(std::size_t which) {
  if (to_server_ == nullptr || which != home_) return;
  const auto last_words = from_server_;
  last_words->deliver_all();
  if (to_server_ != nullptr) hang_up();
}

void follower::log_found(std::uint64_t last, bool may_lose) {
  if (shown_ <= last) return;
  if (!may_lose)
    throw violation{"event " + std::to_string(shown_) + " was shown to a stream, and is lost"};
  shown_ = last;
  if (to_server_ != nullptr) hang_up();
}

void follower::arrive(std::string_view piece) {
  if (piece.empty()) return hang_up();
  input_ += piece;
  if (!begun_ && !take_head()) return;
  while (take_chunk()) {
  }
}

// Anything but a stream is an error, which has its end.
bool follower::take_head() {
  const std::size_t end = input_.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  begun_ = input_.starts_with("HTTP/1.1 200 ");
  input_.erase(0, end + 4);
  if (!begun_) hang_up();
  return begun_;
}

// False where there is none yet, or no more of them.
bool follower::take_chunk() {
  const std::size_t line = input_.find("\r\n");
  if (line == std::string::npos) return false;
  std::size_t size = 0;
  std::from_chars(input_.data(), input_.data() + line, size, 16);
  if (input_.size() < line + 2 + size + 2) return false;
  text_.append(input_, line + 2, size);
  input_.erase(0, line + 2 + size + 2);
  for (std::size_t end = text_.find('\n'); end != std::string::npos; end = text_.find('\n')) {
    take_line(std::string_view(text_).substr(0, end));
    text_.erase(0, end + 1);
  }
  if (size > 0) return true;
  if (!text_.empty()) throw violation{"a stream ended within an event: " + text_};
  hang_up();
  return false;
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
