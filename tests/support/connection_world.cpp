#include "tests/support/connection_world.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "server/base/readiness.hpp"
#include "storage/audit/verify.hpp"
#include "storage/base/check.hpp"
#include "storage/engine/memory_engine.hpp"
#include "storage/model/event.hpp"
#include "storage/model/event_value.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/support/connection_client.hpp"
#include "tests/support/connection_person.hpp"
#include "tests/support/loopback_connection.hpp"
#include "tests/support/quiet_service.hpp"

namespace factord::testing {
namespace {

using service::call;
using service::operation;
using std::chrono::milliseconds;

/// What happens next; `how` is the byte behind it.
enum class step_kind : std::uint8_t {
  send,         ///< request how % ask_count
  send_many,    ///< the same, as many times as the next byte says: few, or more than any buffer has
  fill_read,    ///< of how + 1 bytes
  fill_all,     ///< of all there is room for
  finish_read,  ///< the connection is told
  read_all,     ///< how + 1 bytes at a time
  run_queue,    ///< one batch is committed; its answers wait
  complete,     ///< how + 1 of the answers, the newest first where it is odd
  settle,       ///< the queue runs dry, and all answers are given
  set_room,     ///< to send how * 16 bytes; 255: any number
  wait,         ///< how * 20 ms, and a sweep
  pressure,     ///< all buffers are over their limit, from now on or not any more
  add_factor,   ///< somebody else gives "known" its factor back
  send_raw,     ///< the next how % 64 bytes, below TLS where it is even
  end,          ///< the client sends no more
  drain,
  close,
  reset,  ///< where how is odd only a write can tell
};
constexpr std::size_t step_kinds = 18;

/// One certificate for the whole process.
const protocol::tls_context& certificate() {
  static const protocol::shared_tls made = [] {
    namespace fs = std::filesystem;
    std::string place = (fs::temp_directory_path() / "factord-XXXXXX").string();
    FACTORD_CHECK(::mkdtemp(place.data()) != nullptr);
    auto loaded = protocol::tls_context::load(make_certificate(place, "world")).value();
    fs::remove_all(place);
    return loaded;
  }();
  return *made;
}

/// How it is run: the first three bytes.
struct shape {
  bool http2;
  bool encrypted;
  bool at_once;  ///< what needs no commit is answered inside of the connection
  limits bounds;
  storage::commit_limits commit;

  explicit shape(fuzz::cursor& in) {
    const std::uint8_t wire = in.byte();
    http2 = wire % 8 >= 5;
    encrypted = wire % 8 == 4 || wire % 8 == 7;
    at_once = (wire & 0x80U) == 0;
    const std::uint8_t sizes = in.byte();
    bounds.pipelined_requests = sizes % 32 == 31 ? 64 : 1 + sizes % 32;
    bounds.http2_streams = 1 + sizes % 32;
    if (sizes >= 128) bounds.output_bytes = 600;
    const std::uint8_t queue = in.byte();
    commit.queue_commands = queue < 128 ? 256 : 1 + queue % 32;
    bounds.all_buffers_bytes = 1U << 20U;
  }
};

class world {
 public:
  explicit world(const shape& how);

  void take(fuzz::cursor& program);
  /// Lets everything come to its end, and looks at what came out.
  void finish();

 private:
  static constexpr milliseconds first_deadline{2'000};

  token_names fill_store();
  std::string add_token(std::string_view subject, bool owner);
  void note(call& started);
  void answer_at_once(call& done);
  bool run_queue();
  void complete(std::size_t most, bool newest_first);
  void settle();
  void add_factor();
  void send(ask what, std::size_t times);
  void press(bool on);
  void cut(step_kind what, std::size_t how);
  void talk();
  void wait(milliseconds time);
  [[nodiscard]] bool moves();

  void check_answers();
  void check_answer(const request_sent& to, bool due);
  void check_events();
  /// Requests behind it are not taken.
  [[nodiscard]] std::size_t last_taken() const;

  const shape how_;
  const protocol::date_clock date_{timestamp{}};
  readiness_state state_;
  storage::memory_engine store_{"store"};
  unsigned char drawn_ = 0;
  quiet_service service_;
  service::call_pool calls_{0};
  const protocol::api api_;
  const protocol::session_environment environment_;
  budget buffers_;
  loopback_connection::time_point now_{};
  std::optional<connection_client> client_;
  std::optional<loopback_connection> link_;

  const call* foreign_ = nullptr;  ///< of somebody else

  std::vector<call*> unanswered_;                ///< done, and the connection does not know
  std::map<std::string, std::size_t> executed_;  ///< how often each user's request was
  std::size_t removed_known_ = 0;                ///< answers 200 to that
  bool pressed_ = false;
  bool was_pressed_ = false;
  bool ended_ = false;
  bool cut_ = false;  ///< the connection may end before everything is answered
};

world::world(const shape& how)
    : how_(how),
      service_(
          store_,
          [this](std::span<unsigned char> out) {
            for (unsigned char& byte : out) byte = ++drawn_;
          },
          how.commit),
      api_({how_.bounds, state_, store_.mode(), {}}),
      environment_{how_.bounds, date_, api_, service_.users(), calls_},
      buffers_(how_.bounds.all_buffers_bytes) {
  state_.advance(readiness::ready);
  client_.emplace(how_.http2, how_.encrypted, fill_store());
  service_.on_answered_at_once = [this](call& done) { answer_at_once(done); };
  link_.emplace(environment_, buffers_, how_.encrypted ? &certificate() : nullptr,
                protocol::surface::api, service::ticket{0, 1, 1});
  link_->on_relieve = [this] {
    cut_ = true;
    link_->close();
  };
  talk();
}

token_names world::fill_store() {
  token_names made{add_token("owner", true), add_token("stranger", false)};
  call user(0);
  user.op = operation::add_human_user;
  user.in.user_id = user.in.username = "known";
  user.in.org = "o";
  user.in.email = "a@b.ch";
  user.in.email_verified = true;
  service_.order(user);
  call factor(0);
  factor.op = operation::add_otp_email;
  factor.in.user_id = "known";
  service_.order(factor);
  return made;
}

std::string world::add_token(std::string_view subject, bool owner) {
  call token(0);
  token.op = operation::create_token;
  token.in.user_id = subject;
  if (owner) token.in.roles.add(service::role::iam_owner);
  return service_.order(token).token;
}

// What was started under the name of a request that was sent, as it was sent, and no more often.
void world::note(call& started) {
  const std::string& user = started.in.user_id;
  const std::size_t times = ++executed_[user];
  if (client_->dirty() || user == "known") return;  // check_events() counts these
  FACTORD_CHECK(user.starts_with('r') && times == 1);
  const request_sent& asked = client_->sent().at(std::stoul(user.substr(1)));
  FACTORD_CHECK(user_of(asked) == user && operation_of(asked.what) == started.op);
  if (asked.what == ask::add)
    FACTORD_CHECK(same(person_in(started.in), person_of(asked.number)) && started.in.org == "o");
}

void world::answer_at_once(call& done) {
  if (&done == foreign_) return;  // the queue was full
  note(done);
  if (!how_.at_once) return unanswered_.push_back(&done);
  link_->complete(done);
  link_->answered();
}

bool world::run_queue() {
  const bool worked = service_.run_batch();
  for (call* const done : service_.take_delivered()) {
    note(*done);
    unanswered_.push_back(done);
  }
  return worked;
}

void world::complete(std::size_t most, bool newest_first) {
  if (newest_first) std::ranges::reverse(unanswered_);
  const std::size_t count = std::min(most, unanswered_.size());
  const std::vector<call*> some(unanswered_.begin(), unanswered_.begin() + std::ptrdiff_t(count));
  unanswered_.erase(unanswered_.begin(), unanswered_.begin() + std::ptrdiff_t(count));
  if (newest_first) std::ranges::reverse(unanswered_);
  for (call* const one : some) link_->complete(*one);
  if (!some.empty()) link_->answered();
}

void world::settle() {
  while (run_queue() || !unanswered_.empty()) complete(SIZE_MAX, false);
}

void world::add_factor() {
  call again(0);
  again.op = operation::add_otp_email;
  again.in.user_id = "known";
  again.who.trusted = true;
  foreign_ = &again;
  service_.users().start(again);
  while (service_.run_batch()) {
  }
  for (call* const done : service_.take_delivered()) {
    if (done == &again) continue;
    note(*done);
    unanswered_.push_back(done);
  }
}

// What the client has to say arrives, and it hears what was said to it.
void world::talk() {
  client_->feed(link_->take_sent());
  if (!ended_) link_->arrive(client_->output());
}

void world::wait(milliseconds time) {
  now_ += time;
  if (now_.time_since_epoch() >= first_deadline) cut_ = true;
  link_->sweep(now_);
}

void world::send(ask what, std::size_t times) {
  if (ended_) return;
  if (what == ask::too_large) times = std::min<std::size_t>(times, 2);
  for (; times > 0; --times) client_->send(what);
}

void world::press(bool on) {
  const std::size_t all = how_.bounds.all_buffers_bytes + 1;
  if (on == std::exchange(pressed_, on)) return;
  was_pressed_ = true;
  on ? buffers_.take(all) : buffers_.give_back(all);
}

// What may leave requests without an answer.
void world::cut(step_kind what, std::size_t how) {
  if (what == step_kind::end) {
    client_->end();
    talk();
    // HTTP/2 needs its windows, and TLS its handshake: what it cannot say any more may be due.
    cut_ = cut_ || how_.http2 || !client_->settled();
    ended_ = true;
    return link_->end_of_input();
  }
  cut_ = true;
  if (what == step_kind::drain) link_->drain();
  if (what == step_kind::close) link_->close();
  if (what == step_kind::reset) how % 2 == 0 ? link_->reset() : link_->fail_writes();
}

void world::take(fuzz::cursor& program) {
  const auto what = static_cast<step_kind>(program.byte() % step_kinds);
  const std::size_t how = program.byte();
  switch (what) {
    case step_kind::send:
      send(static_cast<ask>(how % ask_count), 1);
      break;
    case step_kind::send_many: {
      const std::size_t times = program.byte();
      send(static_cast<ask>(how % ask_count), times < 224 ? times % 80 : (times - 223) * 64);
      break;
    }
    case step_kind::fill_read:
      (void)link_->fill_read(how + 1);
      break;
    case step_kind::fill_all:
      (void)link_->fill_read();
      break;
    case step_kind::finish_read:
      (void)link_->finish_read();
      break;
    case step_kind::read_all:
      (void)link_->read_all(how + 1);
      break;
    case step_kind::run_queue:
      run_queue();
      break;
    case step_kind::complete:
      complete(how + 1, how % 2 == 1);
      break;
    case step_kind::settle:
      settle();
      break;
    case step_kind::set_room:
      link_->set_room(how == 255 ? loopback_connection::everything : how * 16);
      break;
    case step_kind::wait:
      wait(milliseconds(how * 20));
      break;
    case step_kind::pressure:
      press(!pressed_);
      break;
    case step_kind::add_factor:
      add_factor();
      break;
    case step_kind::send_raw:
      client_->send_raw(program.take(how % 64), how % 2 == 0);
      break;
    default:
      cut(what, how);
  }
  talk();
}

// One round of all that can go on; false once that is nothing.
bool world::moves() {
  const bool read = link_->read_all();
  const bool done = run_queue() || !unanswered_.empty();
  settle();
  const std::string sent = link_->take_sent();
  client_->feed(sent);
  const std::string said = ended_ ? std::string() : client_->output();
  link_->arrive(said);
  return read || done || !sent.empty() || !said.empty();
}

void world::finish() {
  link_->set_room(loopback_connection::everything);
  press(false);
  if (was_pressed_) link_->sweep(now_);  // only there it learns that there is room again
  while (moves()) {
  }
  check_answers();
  ended_ = true;
  link_->end_of_input();
  while (moves()) {
  }
  FACTORD_CHECK(link_->shut() || link_->closed());
  FACTORD_CHECK(calls_.in_use() == 0);
  check_events();
  link_.reset();
  FACTORD_CHECK(buffers_.used() == 0);
  const auto report = storage::verify(store_, {});
  FACTORD_CHECK(report && report->problems.empty());
}

std::size_t world::last_taken() const {
  const auto& sent = client_->sent();
  if (client_->http2()) return sent.size();
  const auto end = std::ranges::find_if(sent, ends_connection, &request_sent::what);
  return static_cast<std::size_t>(end - sent.begin());
}

void world::check_answers() {
  if (client_->dirty()) return;
  const std::size_t last = last_taken();
  bool answered = true;
  for (const request_sent& one : client_->sent()) {
    const bool there = client_->answer(one).has_value();
    // On HTTP/1.1 they come in order, so behind the first that lacks none is.
    FACTORD_CHECK(client_->http2() || answered || !there);
    answered = there;
    if (one.number > last) {
      FACTORD_CHECK(!there && (one.what == ask::remove_known || !executed_.contains(user_of(one))));
    } else {
      check_answer(one, !cut_);
    }
  }
  if (!cut_) FACTORD_CHECK(!client_->answered_too_much());
  const bool over = last < client_->sent().size() || ended_;
  if (!cut_ && !over) FACTORD_CHECK(!link_->shut() && !link_->closed());
}

void world::check_answer(const request_sent& to, bool due) {
  if (client_->refused(to)) {
    FACTORD_CHECK(to.what == ask::remove_known || !executed_.contains(user_of(to)));
    return;
  }
  const auto answer = client_->answer(to);
  FACTORD_CHECK(answer || !due);
  if (!answer) return;
  // A deadline is answered too, in the place of the request that it cut.
  if (cut_ && answer->status == 408) return;
  FACTORD_CHECK(answers(*answer, to));
  if (to.what == ask::remove_known && answer->status == 200) ++removed_known_;
}

// The log has what was answered, once, as it was sent and, of one HTTP/1.1 connection, in the order
// of requests.
void world::check_events() {
  if (client_->dirty()) return;
  std::size_t removed = 0;
  std::set<std::size_t> added;
  store_.read_events(0, SIZE_MAX, [&](result<storage::events_answer> read) {
    for (const storage::stored_event& event : read->events) {
      const auto value = storage::split_event_value(event.sequence, event.value);
      storage::event_record record;
      FACTORD_CHECK(storage::parse_event_record(event.sequence, value->record, record));
      const auto type = static_cast<storage::event_type>(record.type());
      if (type == storage::event_type::otp_email_removed) ++removed;
      if (type != storage::event_type::human_added || record.user_id() == "known") continue;
      const std::size_t number = std::stoul(record.user_id().substr(1));
      FACTORD_CHECK(client_->http2() || added.empty() || *added.rbegin() < number);
      FACTORD_CHECK(added.insert(number).second);
      FACTORD_CHECK(same(record.payload(), person_of(number)) && record.resource_owner() == "o");
    }
  });
  const auto known = std::ranges::count(client_->sent(), ask::remove_known, &request_sent::what);
  FACTORD_CHECK(removed <= static_cast<std::size_t>(known));
  FACTORD_CHECK(removed >= removed_known_ && (cut_ || removed == removed_known_));
}

}  // namespace

void live_connection(std::string_view program) {
  fuzz::cursor in(program);
  world one{shape(in)};
  while (!in.empty()) one.take(in);
  one.finish();
}

std::string draw_program(std::uint64_t seed) {
  std::string program;
  std::uint64_t state = seed * 0x9e3779b97f4a7c15ULL + 1;
  const auto draw = [&state](std::size_t end) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    return static_cast<std::size_t>(state >> 11U) % end;
  };
  const auto put = [&program](std::size_t byte) { program += static_cast<char>(byte); };
  for (int i = 0; i < 3; ++i) put(draw(256));
  // Most lives go on to their end in good order, so that all of it can be checked.
  const std::size_t kinds = draw(4) == 0 ? step_kinds : std::size_t(step_kind::send_raw);
  for (std::size_t steps = 10 + draw(120); steps > 0; --steps) {
    const auto what = static_cast<step_kind>(draw(kinds));
    put(static_cast<std::size_t>(what));
    put(what == step_kind::wait ? draw(8) : draw(256));
    if (what == step_kind::send_many) put(draw(256));
    if (what == step_kind::send_raw)
      for (std::size_t i = static_cast<unsigned char>(program.back()) % 64; i > 0; --i)
        put(draw(256));
  }
  return program;
}

}  // namespace factord::testing
