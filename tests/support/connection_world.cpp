#include "tests/support/connection_world.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <optional>
#include <vector>

#include "server/base/readiness.hpp"
#include "storage/audit/verify.hpp"
#include "storage/base/check.hpp"
#include "storage/base/enum_table.hpp"
#include "storage/engine/memory_engine.hpp"
#include "tests/support/connection_client.hpp"
#include "tests/support/connection_model.hpp"
#include "tests/support/connection_program.hpp"
#include "tests/support/loopback_connection.hpp"
#include "tests/support/quiet_service.hpp"

namespace factord::testing {
namespace {

using service::call;
using service::operation;
using std::chrono::milliseconds;

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
  void answer_at_once(call& done);
  bool run_queue();
  void complete(std::size_t most, bool newest_first);
  void settle();
  void add_factor();
  void send(ask what, std::size_t times);
  void press(bool on);
  void cut(step_kind what, std::size_t how);
  void talk();
  void wait(milliseconds time, bool store_step);
  void run_dry();
  [[nodiscard]] bool moves();
  void check_answers();

  [[nodiscard]] bool over() const { return link_->shut() || link_->closed(); }

  const shape how_;
  const protocol::date_clock date_{timestamp{}};
  readiness_state state_;
  storage::memory_engine store_{"store"};
  unsigned char drawn_ = 0;
  quiet_service service_;
  service::call_pool calls_{0};
  const protocol::api api_;
  protocol::request_names names_{1};
  protocol::access_log log_{{access_level::all}, system_now, [](log::level, std::string_view) {}};
  const protocol::session_environment environment_;
  budget buffers_;
  loopback_connection::time_point now_{};
  std::optional<connection_client> client_;
  std::optional<loopback_connection> link_;
  std::optional<connection_model> expected_;

  const call* foreign_ = nullptr;  ///< of somebody else

  std::vector<call*> unanswered_;  ///< done, and the connection does not know
  std::size_t store_steps_ = 0;    ///< how often it went or came
  bool pressed_ = false;
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
      environment_{how_.bounds, date_, api_, service_.users(), calls_, nullptr, &names_, &log_},
      buffers_(how_.bounds.all_buffers_bytes) {
  state_.advance(readiness::ready);
  client_.emplace(how_.http2, how_.encrypted, fill_store());
  expected_.emplace(how_, *client_);
  service_.on_answered_at_once = [this](call& done) { answer_at_once(done); };
  link_.emplace(environment_, buffers_, how_.encrypted ? &certificate() : nullptr,
                protocol::surface::api, service::ticket{0, 1, 1});
  link_->shares_turns = true;
  link_->on_relieve = [this] {
    expected_->cut = true;
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

void world::answer_at_once(call& done) {
  if (&done == foreign_) return;  // the queue was full
  expected_->note(done);
  if (!how_.at_once) return unanswered_.push_back(&done);
  link_->complete(done);
  link_->answered();
}

bool world::run_queue() {
  (void)link_->resume();
  const bool worked = service_.run_batch();
  for (call* const done : service_.take_delivered()) {
    expected_->note(*done);
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
    expected_->note(*done);
    unanswered_.push_back(done);
  }
}

// What the client has to say arrives, and it hears what was said to it.
void world::talk() {
  client_->feed(link_->take_sent());
  if (!expected_->ended) link_->arrive(client_->output());
}

void world::wait(milliseconds time, bool store_step) {
  now_ += time;
  if (store_step) state_.set_available(++store_steps_ % 2 == 0);
  if (now_.time_since_epoch() >= first_deadline) expected_->cut = true;
  link_->sweep(now_);
}

void world::send(ask what, std::size_t times) {
  if (expected_->ended) return;
  if (what == ask::too_large || what == ask::watch) times = std::min<std::size_t>(times, 2);
  if (what == ask::bulk) times = std::min<std::size_t>(times, 40);
  for (; times > 0; --times) client_->send(what);
}

void world::press(bool on) {
  const std::size_t all = how_.bounds.all_buffers_bytes + 1;
  if (on == std::exchange(pressed_, on)) return;
  on ? buffers_.take(all) : buffers_.give_back(all);
}

// What may leave requests without an answer.
void world::cut(step_kind what, std::size_t how) {
  if (what == step_kind::end) {
    client_->end();
    talk();
    // HTTP/2 needs its windows, and TLS its handshake: what it cannot say any more may be due.
    if (how_.http2 || !client_->settled()) expected_->cut = true;
    expected_->ended = store_steps_;
    return link_->end_of_input();
  }
  expected_->cut = true;
  if (what == step_kind::drain) link_->drain();
  if (what == step_kind::close) link_->close();
  if (what == step_kind::reset) how % 2 == 0 ? link_->reset() : link_->fail_writes();
}

void world::take(fuzz::cursor& program) {
  const auto what = static_cast<step_kind>(program.byte() % step_kinds);
  const std::size_t how = program.byte();
  switch (what) {
    case step_kind::send:
      send(ask_of(how), 1);
      break;
    case step_kind::send_many: {
      const std::size_t times = program.byte();
      send(ask_of(how), times < 224 ? times % 80 : (times - 223) * 64);
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
      wait(milliseconds(how * 20), how % 2 == 1);
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

void world::check_answers() {
  const bool serving = state_.get() == readiness::ready;
  expected_->check_answers({over(), serving, store_steps_});
}

// All that can go on without anybody doing anything new.
void world::run_dry() {
  while (moves()) {
  }
}

// One round of it; false once that is nothing.
bool world::moves() {
  const bool read = link_->read_all();
  const bool resumed = link_->resume();
  const bool done = run_queue() || !unanswered_.empty();
  settle();
  const std::string sent = link_->take_sent();
  client_->feed(sent);
  const std::string said = expected_->ended ? std::string() : client_->output();
  link_->arrive(said);
  return read || resumed || done || !sent.empty() || !said.empty();
}

void world::finish() {
  link_->set_room(loopback_connection::everything);
  press(false);
  run_dry();
  link_->sweep(now_);  // only there it learns that there is room again, and a Watch what is new
  run_dry();
  check_answers();
  if (!expected_->ended) expected_->ended = store_steps_;
  link_->end_of_input();
  run_dry();
  // With its turns full behind a Watch nothing is read any more: it is idle all the same.
  if (!over() && (expected_->watches() > 0 || client_->dirty())) {
    link_->sweep(now_ += how_.bounds.idle_time);
    run_dry();
  }
  // That has ended it, too, where the client's last bytes were none of TLS: its lines are the
  // session's until it goes.
  if (expected_->bulk_behind_watch()) {
    expected_->cut = true;
    if (!over()) link_->reset();
  }
  FACTORD_CHECK(over());
  // Where a client broke it off, lines may rest in the session, which goes with its connection.
  FACTORD_CHECK(expected_->cut || client_->dirty() || calls_.in_use() == 0);
  check_answers();
  expected_->check_events(store_);
  link_.reset();
  FACTORD_CHECK(buffers_.used() == 0 && calls_.in_use() == 0);
  const auto report = storage::verify(store_, {});
  FACTORD_CHECK(report && report->problems.empty());
}

}  // namespace

void live_connection(std::string_view program) {
  fuzz::cursor in(program);
  world one{shape(in)};
  while (!in.empty()) one.take(in);
  one.finish();
}

}  // namespace factord::testing
