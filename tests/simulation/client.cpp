#include "tests/simulation/client.hpp"

#include <algorithm>
#include <array>

#include "storage/base/check.hpp"

namespace factord::simulation {

client::client(surroundings around, std::size_t number)
    : around_(around),
      number_(number),
      name_("client " + std::to_string(number)),
      left_(number == 0 ? around.run.requests / 4 + 1 : around.run.requests),
      socket_(around.time, around.random, around.servers,
              number == 0 ? protocol::surface::admin : protocol::surface::api,
              [this](std::string_view piece) { arrive(piece); }) {
  later(moment{around_.random.between(1, 1'000)}, &client::step);
}

// Clients live as long as the run.
void client::later(moment delay, void (client::*run)()) {
  around_.time.after(delay, [this, run] { (this->*run)(); });
}

void client::step() {
  if (done()) return;
  const bool pause = around_.random.percent(5);
  later(moment{around_.random.between(1, pause ? 20'000 : 1'000)}, &client::step);
  if (!socket_.open()) {
    if (left_ > 0) connect();
    return;
  }
  if (!waiting_.empty() && around_.random.percent(around_.run.disconnects)) return hang_up();
  if (closing_ || !held_back_.empty()) return;
  const std::size_t most = around_.random.between(1, around_.run.pipeline);
  while (left_ > 0 && waiting_.size() < most && held_back_.empty()) send_next();
  // The last one says so: it gets all its answers.
  if (left_ == 0 && held_back_.empty() && around_.random.percent(20)) {
    closing_ = true;
    socket_.end();
  }
}

void client::connect() {
  if (!socket_.connect()) return;
  around_.log.add(name_, "connects to server " + std::to_string(socket_.home()));
}

// Whatever is under way is lost, in both directions.
void client::hang_up() {
  around_.log.add(name_, "hangs up");
  socket_.close();
  input_.clear();
  held_back_.clear();
  closing_ = false;
  floor_ = 0;
  for (const request_seen& asked : std::exchange(waiting_, {})) {
    around_.expected.given_up(asked.id);
    if (!asked.key.empty()) lost_.push_back(asked);
  }
}

void client::server_died(std::size_t which) {
  if (socket_.server_died(which)) hang_up();
}

void client::send_next() {
  request_seen asked = draw();
  --left_;
  asked.stalled = around_.random.percent(around_.run.stalls);
  around_.expected.sent(asked);
  waiting_.push_back(asked);
  around_.log.add(name_, to_text(asked));
  std::string bytes = to_http(asked);
  if (asked.stalled) {
    held_back_ = bytes.substr(bytes.size() / 2);
    bytes.resize(bytes.size() / 2);
    later(std::chrono::milliseconds(around_.random.between(1, 15'000)), &client::send_rest);
  }
  socket_.send(bytes);
}

void client::send_rest() {
  if (socket_.open() && !held_back_.empty()) socket_.send(held_back_);
  held_back_.clear();
}

void client::arrive(std::string_view piece) {
  if (piece.empty()) return hang_up();
  input_ += piece;
  while (const auto answer = simulation::take_answer(input_)) take_answer(*answer);
}

void client::take_answer(const answer_seen& answer) {
  if (waiting_.empty()) throw violation{name_ + " got an answer to nothing: " + answer.body};
  const request_seen asked = waiting_.front();
  waiting_.pop_front();
  around_.log.add(name_, "#" + std::to_string(asked.id) + " is answered " +
                             std::to_string(answer.status) + " " + answer.body);
  floor_ = around_.expected.answered(asked.id, answer, floor_);
  if (asked.what == ask::create_token && answer.status == 201) {
    around_.tokens.push_back(around_.expected.newest_token());
  }
  if (waiting_.empty()) held_back_.clear();  // the answer came without waiting for it
}

request_seen client::draw() {
  request_seen asked;
  // What came to nothing is mostly asked for once more, as it was.
  if (!lost_.empty() && around_.random.percent(70)) {
    asked = lost_.front();
    lost_.pop_front();
    return asked;
  }
  number_ == 0 ? draw_admin(asked) : draw_public(asked);
  return asked;
}

void client::draw_admin(request_seen& asked) {
  random_bits& random = around_.random;
  if (random.percent(40)) {
    asked.what = ask::revoke_token;
    asked.target = around_.tokens[random.below(around_.tokens.size())].id;
    return;
  }
  constexpr std::array<std::string_view, 8> roles = {
      "IAM_OWNER",        "IAM_OWNER",        "IAM_OWNER_VIEWER", "IAM_ORG_MANAGER",
      "IAM_USER_MANAGER", "IAM_LOGIN_CLIENT", "ORG_OWNER",        "ORG_USER_MANAGER"};
  asked.what = ask::create_token;
  asked.role = roles[random.below(roles.size())];
  if (asked.role.starts_with("ORG")) asked.org = org_of(random.below(2));
  asked.target = random.percent(30) ? user_name(random.below(around_.run.users)) : "somebody";
}

void client::draw_public(request_seen& asked) {
  random_bits& random = around_.random;
  constexpr std::array others = {
      ask::add_otp,     ask::add_otp,  ask::add_otp,    ask::list_methods, ask::list_methods,
      ask::add_user,    ask::lock,     ask::unlock,     ask::deactivate,   ask::reactivate,
      ask::delete_user, ask::get_user, ask::list_events};
  if (random.percent(around_.run.lives)) {
    asked.what = ask::live;
    return;
  }
  const bool removal = random.percent(around_.run.removals);
  asked.what = removal ? ask::remove_otp : others[random.below(others.size())];
  asked.token = around_.tokens[random.below(around_.tokens.size())].secret;
  asked.target = user_name(random.below(around_.run.users));
  if (asked.what == ask::remove_otp && random.percent(around_.run.deadlines)) {
    asked.deadline_ms = random.below(3);
  }
  // Removed users make room for new ones.
  if (asked.what == ask::add_user || random.percent(10)) {
    asked.target = user_name(around_.run.users + random.below(6));
  }
  if (asked.what == ask::add_user) {
    asked.username = "name" + std::to_string(random.below(6));
    asked.org = org_of(random.below(2));
    asked.verified = random.percent(70);
  }
  if (asked.what == ask::list_events) {
    asked.after = random.below(static_cast<std::size_t>(around_.expected.past().last()) + 3);
    asked.limit = random.between(1, 20);
  }
  if (writes(asked.what) && !asked.deadline_ms && random.percent(around_.run.matches)) {
    draw_condition(asked);
  }
  if (writes(asked.what) && random.percent(around_.run.keys)) draw_key(asked);
}

// Few, so that some are used again, also for something else.
void client::draw_key(request_seen& asked) {
  random_bits& random = around_.random;
  const bool fresh = random.percent(50);
  asked.key = fresh ? name_.substr(7) + "-" + std::to_string(left_)
                    : "key-" + std::to_string(random.below(12));
}

// Mostly what holds now: others may be on their way, also in the same batch.
void client::draw_condition(request_seen& asked) {
  random_bits& random = around_.random;
  const history& past = around_.expected.past();
  const std::uint64_t last = past.last_of(asked.target, past.last());
  auto& tags = asked.if_match.emplace();
  if (random.percent(10)) return;
  if (random.percent(25)) tags.push_back(random.below(static_cast<std::size_t>(past.last()) + 3));
  if (tags.empty() || random.percent(50)) tags.push_back(last);
}

std::string client::unanswered() const {
  return waiting_.empty() ? std::string() : name_ + " waits for " + to_text(waiting_.front());
}

}  // namespace factord::simulation
