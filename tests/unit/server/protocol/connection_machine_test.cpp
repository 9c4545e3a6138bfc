#include "server/protocol/connection_machine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "server/base/readiness.hpp"
#include "storage/engine/memory_engine.hpp"
#include "tests/support/connection_requests.hpp"
#include "tests/support/loopback_connection.hpp"
#include "tests/support/quiet_service.hpp"
#include "tests/support/tls_peer.hpp"
#include "tests/unit/server/protocol/http1/driver.hpp"
#include "tests/unit/server/protocol/http2/client.hpp"
#include "tests/unit/support/temp_directory.hpp"

namespace factord::protocol::connection_machine_test {
namespace {

using namespace std::chrono_literals;
using factord::testing::ask;
using factord::testing::form_of;
using factord::testing::loopback_connection;
using factord::testing::to_http1;
using testing::count;

constexpr std::string_view live = "GET /livez HTTP/1.1\r\nHost: h\r\n\r\n";

class connection_machine_test : public ::testing::Test {
 protected:
  void open(const tls_context* encryption = nullptr) {
    state_.advance(readiness::ready);
    link_.reset();
    buffers_.emplace(bounds_.all_buffers_bytes);
    link_.emplace(environment_, *buffers_, encryption, surface::api, service::ticket{0, 1, 1});
  }

  /// What the client sends, as one read.
  void send(std::string_view bytes) {
    link_->arrive(bytes);
    link_->read_all();
  }
  /// A write that stays in flight until answer().
  std::string removal() {
    if (token_.empty()) token_ = make_token();
    return to_http1(form_of({next_++, ask::remove}, {token_, token_}));
  }
  void answer() {
    service_.run_queue();
    for (service::call* done : service_.take_delivered()) link_->complete(*done);
    link_->answered();
  }
  std::string take() { return link_->take_sent(); }
  void sweep(std::chrono::milliseconds at) { link_->sweep(loopback_connection::time_point(at)); }

  std::string make_token() {
    service::call token(0);
    token.op = service::operation::create_token;
    token.in.user_id = "owner";
    token.in.roles.add(service::role::iam_owner);
    return service_.order(token).token;
  }

  limits bounds_;
  const date_clock date_{timestamp{}};
  readiness_state state_;
  storage::memory_engine store_{"store"};
  unsigned char drawn_ = 0;
  quiet_service service_{
      store_, [this](std::span<unsigned char> out) { std::ranges::fill(out, ++drawn_); }};
  service::call_pool calls_{0};
  const api api_{{bounds_, state_, store_.mode(), {}}};
  const session_environment environment_{bounds_, date_, api_, service_.users(), calls_};
  std::optional<budget> buffers_;
  std::optional<loopback_connection> link_;
  std::size_t next_ = 0;
  std::string token_;
};

// The process ended: calls in flight were few, unanswered requests as many as there may be, and the
// buffer was filled for a codec that took nothing.
TEST_F(connection_machine_test, reads_no_more_than_the_codec_takes) {
  open();
  std::string bytes = removal();
  for (int i = 0; i < 1'500; ++i) bytes += live;
  send(bytes);
  EXPECT_FALSE(link_->wants_read());
  EXPECT_GT(link_->unread(), 0U) << "it waits in the socket";
  EXPECT_EQ(take(), "");
  answer();
  link_->read_all();
  const std::string answers = take();
  EXPECT_EQ(count(answers, "HTTP/1.1 404"), 1U);
  EXPECT_EQ(count(answers, "\r\n\r\nok"), 1'500U);
  EXPECT_TRUE(answers.starts_with("HTTP/1.1 404"));
}

// Old bytes were run again: what was taken under a read that was under way moved its place.
TEST_F(connection_machine_test, takes_what_came_before_a_read_that_is_under_way) {
  open();
  const std::string first = removal();
  std::string bytes = first;
  for (int i = 0; i < 66; ++i) bytes += live;
  send(bytes);
  answer();
  link_->read_all();
  EXPECT_EQ(count(take(), "HTTP/1.1 "), 67U);
  std::string padded = "GET /livez HTTP/1.1\r\nHost: h\r\nX: ";
  padded += std::string(first.size() - padded.size() - 4, 'x') + "\r\n\r\n";
  ASSERT_EQ(padded.size(), first.size());
  send(padded);
  EXPECT_FALSE(service_.run_batch()) << "nothing of the removal";
  EXPECT_TRUE(take().ends_with("\r\n\r\nok"));
}

TEST_F(connection_machine_test, goes_on_as_far_as_there_is_room_to_send) {
  bounds_.output_bytes = 1'000;
  open();
  link_->set_room(0);
  std::string bytes;
  for (int i = 0; i < 300; ++i) bytes += live;
  send(bytes);
  EXPECT_FALSE(link_->wants_read());
  EXPECT_LT(link_->buffered(), 60'000U);
  for (int i = 0; i < 10'000 && link_->unread() > 0; ++i) {
    link_->set_room(100);
    link_->read_all();
  }
  link_->set_room(loopback_connection::everything);
  EXPECT_EQ(count(take(), "\r\n\r\nok"), 300U);
}

TEST_F(connection_machine_test, a_write_without_progress_has_its_time) {
  open();
  link_->set_room(10);
  send(live);
  sweep(bounds_.write_time - 1ms);
  EXPECT_FALSE(link_->closed());
  sweep(bounds_.write_time);
  EXPECT_TRUE(link_->closed());
  EXPECT_FALSE(link_->shut()) << "there is nothing in good order about it";
}

TEST_F(connection_machine_test, who_ends_his_half_gets_all_his_answers) {
  open();
  link_->arrive(removal() + "GET /half");
  link_->end_of_input();
  link_->read_all();
  EXPECT_FALSE(link_->shut());
  answer();
  EXPECT_EQ(count(take(), "HTTP/1.1 "), 1U);
  EXPECT_TRUE(link_->shut() && link_->closed());
}

TEST_F(connection_machine_test, after_an_error_input_is_thrown_away_up_to_its_limit) {
  for (const std::size_t more : {0U, 1U}) {
    bounds_.discard_bytes = 20'000;
    open();
    send("BAD\r\n\r\n");
    EXPECT_EQ(count(take(), "HTTP/1.1 400"), 1U);
    EXPECT_TRUE(link_->shut());
    send(std::string(bounds_.discard_bytes - 1, 'x'));
    EXPECT_FALSE(link_->closed());
    send(std::string(more, 'x'));
    EXPECT_EQ(link_->closed(), more == 1);
  }
}

TEST_F(connection_machine_test, after_an_error_the_other_side_has_its_time) {
  open();
  send("BAD\r\n\r\n");
  sweep(bounds_.discard_time - 1ms);
  EXPECT_FALSE(link_->closed());
  sweep(bounds_.discard_time);
  EXPECT_TRUE(link_->closed());
}

TEST_F(connection_machine_test, who_is_silent_for_long_is_let_go) {
  open();
  send(live);
  sweep(bounds_.idle_time - 1ms);
  EXPECT_FALSE(link_->shut());
  sweep(bounds_.idle_time);
  EXPECT_TRUE(link_->shut() && link_->closed());
}

TEST_F(connection_machine_test, nobody_is_idle_who_waits_for_an_answer) {
  open();
  send(removal());
  sweep(bounds_.idle_time * 2);
  EXPECT_FALSE(link_->shut());
  answer();
  EXPECT_EQ(count(take(), "HTTP/1.1 404"), 1U);
}

// It stayed for ever: nothing is read where there is no turn for it, and so no deadline held.
TEST_F(connection_machine_test, behind_a_watch_who_is_silent_is_let_go_though_nothing_is_read) {
  auto form = form_of({0, ask::watch}, {});
  const std::string watch = to_http1(form);
  form.close = true;
  std::string full = watch;
  for (std::size_t i = 1; i < bounds_.pipelined_requests; ++i) full += live;
  for (const std::string& bytes : {watch, to_http1(form), full, full + std::string(live)}) {
    open();
    send(bytes);
    EXPECT_EQ(link_->wants_read(), bytes == watch);
    EXPECT_EQ(count(take(), R"({"status":"SERVING"})"), 1U);
    sweep(bounds_.idle_time - 1ms);
    EXPECT_FALSE(link_->shut());
    sweep(bounds_.idle_time);
    EXPECT_TRUE(link_->shut());
    const std::string answers = take();
    EXPECT_EQ(count(answers, R"("code":"unavailable")"), 1U);
    EXPECT_EQ(count(answers, "\r\n\r\nok"), bytes.size() < full.size() ? 0 : count(full, live));
  }
}

TEST_F(connection_machine_test,
       a_drain_ends_an_idle_one_at_once_and_others_once_they_are_answered) {
  open();
  link_->drain();
  EXPECT_TRUE(link_->closed());
  open();
  send(removal());
  link_->drain();
  EXPECT_FALSE(link_->shut());
  answer();
  EXPECT_EQ(count(take(), "Connection: close"), 1U);
  EXPECT_TRUE(link_->shut());
}

TEST_F(connection_machine_test, whoever_grows_over_the_limit_asks_for_relief_and_reads_no_more) {
  const std::string half = "GET /" + std::string(4'000, 'x');
  open();
  send(half);
  bounds_.all_buffers_bytes = link_->buffered();
  open();
  int asked = 0;
  link_->on_relieve = [&asked] { ++asked; };
  send(half);
  EXPECT_EQ(asked, 0) << "it is at the limit";
  EXPECT_TRUE(link_->wants_read());
  send(half);
  EXPECT_EQ(asked, 1);
  EXPECT_FALSE(link_->wants_read());
  link_->close();
  EXPECT_EQ(buffers_->used(), 0U) << "given back at once";
}

// They were thrown away as the rest of half a request, where handing answers to TLS had made room.
TEST_F(connection_machine_test,
       requests_before_the_end_of_tls_are_run_however_slowly_answers_leave) {
  const temp_directory directory;
  const auto certificate =
      tls_context::load(factord::testing::make_certificate(directory.path(), "one")).value();
  bounds_.pipelined_requests = 2;
  bounds_.output_bytes = 100;
  open(certificate.get());
  factord::testing::tls_peer peer;
  while (!peer.handshake()) {
    send(peer.output());
    peer.feed(take());
  }
  send(peer.output());
  peer.feed(take());
  link_->set_room(0);
  std::string requests;
  for (int i = 0; i < 6; ++i) requests += removal();
  peer.write(requests);
  peer.end();
  send(peer.output());
  for (int i = 0; i < 10; ++i) answer();
  link_->set_room(loopback_connection::everything);
  for (int i = 0; i < 10; ++i) answer();
  peer.feed(take());
  EXPECT_EQ(count(peer.read(), "HTTP/1.1 404"), 6U);
  EXPECT_TRUE(peer.ended() && link_->closed());
}

// It stayed for ever: after the end of the input no read was under way, and no deadline held.
TEST_F(connection_machine_test, who_ends_his_half_and_opens_no_window_has_his_time) {
  open();
  testing::http2_client client(false, {{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0}});
  const std::int32_t id = client.request("GET", "/livez");
  link_->arrive(client.output());
  link_->end_of_input();
  link_->read_all();
  client.feed(take());
  EXPECT_EQ(client.answer(id).status(), "200") << "but not its body";
  sweep(1ms);
  sweep(bounds_.write_time);
  EXPECT_FALSE(link_->closed());
  sweep(bounds_.write_time + 1ms);
  EXPECT_TRUE(link_->closed());
}

TEST_F(connection_machine_test, a_read_that_ends_after_the_close_changes_nothing) {
  open();
  link_->arrive(live);
  ASSERT_TRUE(link_->fill_read());
  link_->close();
  EXPECT_TRUE(link_->finish_read());
  EXPECT_EQ(take(), "");
  EXPECT_FALSE(link_->wants_read());
}

TEST_F(connection_machine_test, what_breaks_its_rules_is_a_broken_invariant) {
  buffers_.emplace(bounds_.all_buffers_bytes);
  connection_machine machine(environment_, *buffers_, nullptr, surface::api, {0, 1, 1}, {});
  EXPECT_DEATH(machine.received(0, {}), "check failed") << "nothing was lent";
  (void)machine.lend();
  EXPECT_FALSE(machine.wants_read());
  EXPECT_DEATH((void)machine.lend(), "check failed") << "two reads at once";
}

}  // namespace
}  // namespace factord::protocol::connection_machine_test
