#include "tests/simulation/bulk_client.hpp"

#include <array>
#include <boost/json/parse.hpp>
#include <sstream>
#include <utility>

namespace factord::simulation {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 4> malformed{"x", "{\"userId\":7}", "{\"userId\":\"1\"",
                                                    "{\"user\":\"1\"}"};

std::string chunk(std::string_view bytes) {
  std::ostringstream text;
  text << std::hex << bytes.size() << "\r\n" << bytes << "\r\n";
  return text.str();
}

std::string removal_line(const request_seen& asked) {
  std::string text = R"({"userId":")" + asked.target + "\"";
  if (asked.if_match) text += R"(,"ifSequence":")" + std::to_string(asked.if_match->front()) + "\"";
  if (asked.dry_run) text += R"(,"dryRun":true)";
  return text + "}\n";
}

std::uint64_t sequence_of(const json::object& told) {
  const auto* found = told.if_contains("sequence");
  return found == nullptr ? 0 : std::stoull(found->as_string().c_str());
}

}  // namespace

bulk_client::bulk_client(const client::surroundings& around, std::size_t number)
    : around_(around),
      name_("bulk client " + std::to_string(number)),
      left_(around.run.requests / 10 + 1),
      socket_(around.time, around.random, around.servers, protocol::surface::api,
              [this](std::string_view piece) { arrive(piece); }) {
  around_.time.after(moment{1'000}, [this] { step(); });
}

// Clients live as long as the run.
void bulk_client::step() {
  if (done()) return;
  const bool pause = around_.random.percent(5);
  around_.time.after(moment{around_.random.between(1, pause ? 20'000 : 1'000)}, [this] { step(); });
  if (!under_way_) {
    if (socket_.open() || socket_.connect()) begin();
    return;
  }
  if (around_.random.percent(around_.run.disconnects)) return hang_up();
  send_some();
}

void bulk_client::begin() {
  --left_;
  if (!lost_.empty() && around_.random.percent(70)) {
    now_ = std::move(lost_.front());
    lost_.pop_front();
  } else {
    now_ = draw();
  }
  under_way_ = true;
  sent_ = 0;
  all_sent_ = admitted_ = cut_ = false;
  around_.expected.sent(now_.head);
  around_.log.add(name_, to_text(now_.head) + " to server " + std::to_string(socket_.home()));
  std::string text = "POST /v2/users/otp_email/_bulk_remove HTTP/1.1\r\nHost: h\r\n";
  text += "Authorization: Bearer " + now_.head.token + "\r\n";
  if (!now_.head.key.empty()) text += "Idempotency-Key: " + now_.head.key + "\r\n";
  socket_.send(text + "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n");
}

bulk_client::bulk bulk_client::draw() {
  random_bits& random = around_.random;
  bulk made;
  made.head.what = ask::bulk;
  // Mostly one of those that may remove anything, as long as it is not revoked.
  const std::size_t known = random.percent(60) ? 2 : around_.tokens.size();
  made.head.token = around_.tokens[random.below(known)].secret;
  // Few, so that some are used again, also for something else.
  if (random.percent(around_.run.keys)) made.head.key = "bulk-" + std::to_string(random.below(6));
  const std::size_t lines = random.below(40);
  for (std::size_t number = 1; number <= lines; ++number) {
    line& next = made.lines.emplace_back();
    next.number = number;
    next.asked.token = made.head.token;
    if (!made.head.key.empty()) next.asked.key = made.head.key + ":" + std::to_string(number);
    if (random.percent(4)) {
      next.what = random.percent(50) ? line::kind::malformed : line::kind::blank;
    } else {
      draw_removal(next);
    }
  }
  return made;
}

void bulk_client::draw_removal(line& made) {
  random_bits& random = around_.random;
  const std::size_t users = around_.run.users;
  request_seen& asked = made.asked;
  asked.target = user_name(random.percent(10) ? users + random.below(6) : random.below(users));
  asked.dry_run = random.percent(around_.run.dry_runs);
  if (!random.percent(around_.run.matches)) return;
  const history& past = around_.expected.past();
  const std::uint64_t last = past.last_of(asked.target, past.last());
  const std::uint64_t other = random.below(static_cast<std::size_t>(past.last()) + 3);
  const std::uint64_t wanted = random.percent(80) ? last : other;
  if (wanted != 0) asked.if_match.emplace().push_back(wanted);
}

void bulk_client::send_some() {
  if (all_sent_) return;
  std::string text;
  while (sent_ < now_.lines.size() && around_.random.percent(80)) {
    line next = now_.lines[sent_++];
    if (next.what == line::kind::removal) {
      around_.expected.sent(next.asked);
      around_.log.add(name_, "line " + std::to_string(next.number) + ": " + to_text(next.asked));
      text += removal_line(next.asked);
    } else if (next.what == line::kind::malformed) {
      text.append(malformed[next.number % malformed.size()]).append("\n");
    } else {
      text += "\n";
    }
    if (next.what != line::kind::blank) waiting_.push_back(std::move(next));
  }
  if (!text.empty()) socket_.send(chunk(text));
  if (sent_ < now_.lines.size() || !around_.random.percent(50)) return;
  all_sent_ = true;
  socket_.send(chunk({}));
}

// Whatever is under way is lost, in both directions.
void bulk_client::hang_up() {
  around_.log.add(name_, "hangs up");
  socket_.close();
  answer_.clear();
  floor_ = 0;
  if (under_way_ && !admitted_) around_.expected.given_up(now_.head.id);
  for (const line& one : std::exchange(waiting_, {})) {
    if (one.what == line::kind::removal) around_.expected.given_up(one.asked.id);
  }
  if (std::exchange(under_way_, false) && !now_.head.key.empty()) lost_.push_back(std::move(now_));
}

void bulk_client::server_died(std::size_t which) {
  if (socket_.server_died(which)) hang_up();
}

void bulk_client::arrive(std::string_view piece) {
  if (piece.empty()) return hang_up();
  answer_.receive(piece);
  const auto status = answer_.status();
  if (!status) return;
  if (!under_way_) throw violation{name_ + " got an answer to nothing"};
  if (!admitted_) take_head(*status);
  if (*status != 200) return hang_up();
  while (const auto text = answer_.take_line()) take_line(*text);
  if (answer_.ended()) finish();
}

// What is refused as a whole has begun no line.
void bulk_client::take_head(unsigned status) {
  admitted_ = true;
  around_.log.add(name_, "is answered " + std::to_string(status));
  if (status == 200) return around_.expected.given_up(now_.head.id);
  answer_seen answer;
  answer.status = status;
  static_cast<void>(around_.expected.answered(now_.head.id, answer, 0));
  cut_ = true;
  for (const line& one : std::exchange(waiting_, {})) {
    if (one.what == line::kind::removal) around_.expected.not_begun(one.asked.id);
  }
}

void bulk_client::take_line(const std::string& text) {
  around_.log.add(name_, text);
  const json::value parsed = json::parse(text);
  const json::object& told = parsed.as_object();
  const bool of_user = told.contains("userId");
  const auto is_first = [&] {
    return !waiting_.empty() && waiting_.front().what == line::kind::malformed &&
           told.at("line").to_number<std::uint64_t>() == waiting_.front().number;
  };
  if (!of_user && !(told.at("status") == 400 && is_first())) return take_end(told);
  if (waiting_.empty()) throw violation{name_ + " got an answer to no line: " + text};
  const line next = std::move(waiting_.front());
  waiting_.pop_front();
  if (of_user) take_removal(next, told, text);
}

void bulk_client::take_removal(const line& next, const json::object& told,
                               const std::string& text) {
  const bool its_own =
      next.what == line::kind::removal && told.at("userId").as_string() == next.asked.target;
  if (!its_own)
    throw violation{name_ + " got for line " + std::to_string(next.number) + ": " + text};
  answer_seen answer;
  answer.status = told.at("status").to_number<unsigned>();
  answer.tag = sequence_of(told);
  answer.replayed = told.contains("replayed");
  // As the single call has it.
  answer.body = answer.status == 200
                    ? R"({"details":{"sequence":")" + std::to_string(answer.tag) + "\"}}"
                    : text;
  floor_ = around_.expected.answered(next.asked.id, answer, floor_);
}

// All that was begun has been answered before.
void bulk_client::take_end(const json::object& told) {
  cut_ = true;
  const auto first = told.at("line").to_number<std::uint64_t>();
  for (const line& one : std::exchange(waiting_, {})) {
    if (one.number < first)
      throw violation{name_ + " got no answer to line " + std::to_string(one.number)};
    if (one.what == line::kind::removal) around_.expected.not_begun(one.asked.id);
  }
}

void bulk_client::finish() {
  if (!answer_.rest().empty()) throw violation{"a bulk ended within a line: " + answer_.rest()};
  if (cut_) return hang_up();
  if (!waiting_.empty() || !all_sent_)
    throw violation{"a bulk ended without an answer to line " +
                    std::to_string(waiting_.empty() ? sent_ : waiting_.front().number)};
  under_way_ = false;
  answer_.next();
  if (around_.random.percent(20)) hang_up();
}

std::string bulk_client::unanswered() const {
  if (done()) return {};
  return name_ + " waits for " + std::to_string(waiting_.size()) + " lines of " +
         to_text(now_.head);
}

}  // namespace factord::simulation
