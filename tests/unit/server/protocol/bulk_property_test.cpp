// Bulks over a whole connection, by seeds: pieces of any size, a reader that stalls, a commit queue
// with hardly any room, a client that goes away. What was answered is in the log, once, and what is
// in the log is of the first lines.

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/base/readiness.hpp"
#include "storage/engine/memory_engine.hpp"
#include "storage/model/event.hpp"
#include "storage/model/event_value.hpp"
#include "tests/support/loopback_connection.hpp"
#include "tests/support/quiet_service.hpp"
#include "tests/unit/server/protocol/bulk_lines.hpp"

namespace factord::protocol::bulk_property_test {
namespace {

using factord::testing::loopback_connection;
using service::operation;

constexpr std::size_t users = 24;

std::string name(std::size_t number) { return "u" + std::to_string(number); }

/// What was asked for.
struct upload {
  std::string bytes;                  ///< of the whole request
  std::vector<std::string> asked;     ///< users of the lines that are answered; empty: malformed
  std::vector<std::string> removals;  ///< those that have the factor, once each, in order
};

upload draw_upload(std::mt19937_64& random, std::string_view token) {
  const auto below = [&random](std::size_t end) { return random() % end; };
  upload made;
  std::string text;
  std::set<std::string> seen;
  for (std::size_t lines = below(300); lines > 0; --lines) {
    const std::size_t kind = below(10);
    const std::string user = name(below(users + users / 2));
    if (kind == 0) {
      text += "\r\n";
      continue;
    }
    text += kind == 1 ? "{\"userId\":\n" : bulk_testing::line_of(user);
    made.asked.push_back(kind == 1 ? std::string() : user);
    const bool has_factor = std::stoul(user.substr(1)) < users;
    if (kind != 1 && has_factor && seen.insert(user).second) made.removals.push_back(user);
  }
  made.bytes = "POST " + std::string(bulk_testing::bulk_path) +
               " HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nAuthorization: Bearer " +
               std::string(token) + "\r\n" + std::string(bulk_testing::ndjson) + "\r\n";
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = 1 + below(400);
    made.bytes += bulk_testing::chunk(text.substr(at, size));
    at += size;
  }
  made.bytes += "0\r\n\r\n";
  return made;
}

class world {
 public:
  explicit world(std::uint64_t seed) : random_(seed) {
    state_.advance(readiness::ready);
    bounds_.bulk_lines = 1 + below(40);
    bounds_.body_bytes = 100 + below(1'000);
    bounds_.output_bytes = 1'000 + below(3'000);
    link_.emplace(environment_, buffers_, nullptr, surface::api, service::ticket{0, 1, 1});
    asked_ = draw_upload(random_, fill_store());
    service_.on_answered_at_once = [this](service::call& done) {
      link_->complete(done);
      link_->answered();
    };
  }

  void live() {
    const bool leaves = below(4) == 0;
    const std::size_t until = leaves ? below(asked_.bytes.size()) : asked_.bytes.size();
    for (std::size_t at = 0; at < until;) {
      const std::size_t size = std::min(1 + below(500), until - at);
      link_->arrive(std::string_view(asked_.bytes).substr(at, size));
      at += size;
      step();
    }
    if (leaves) below(2) == 0 ? link_->reset() : link_->end_of_input();
    run_dry();
    check(leaves);
  }

 private:
  std::size_t below(std::size_t end) { return random_() % end; }

  std::string fill_store() {
    for (std::size_t i = 0; i < users; ++i) {
      service::call user(0);
      user.op = operation::add_human_user;
      user.in.user_id = user.in.username = name(i);
      user.in.org = "o";
      user.in.email = "a@b.ch";
      user.in.email_verified = true;
      service_.order(user);
      service::call factor(0);
      factor.op = operation::add_otp_email;
      factor.in.user_id = name(i);
      service_.order(factor);
    }
    service::call token(0);
    token.op = operation::create_token;
    token.in.user_id = "owner";
    token.in.roles.add(service::role::iam_owner);
    return service_.order(token).token;
  }

  void step() {
    link_->set_room(below(3) == 0 ? loopback_connection::everything : below(2'000));
    (void)link_->read_all(1 + below(300));
    if (below(2) == 0) (void)run_queue();
    sent_ += link_->take_sent();
    EXPECT_LT(link_->buffered(), 200'000U);
  }

  bool run_queue() {
    const bool ran = service_.run_batch();
    for (service::call* const done : service_.take_delivered()) link_->complete(*done);
    if (ran) link_->answered();
    return ran;
  }

  void run_dry() {
    link_->set_room(loopback_connection::everything);
    for (bool moved = true; moved;) {
      moved = link_->read_all();
      if (run_queue()) moved = true;
      const std::string more = link_->take_sent();
      sent_ += more;
      moved = moved || !more.empty();
    }
  }

  /// Users of the removals in the log, in order, with their sequences.
  std::vector<std::pair<std::string, std::uint64_t>> removed() {
    std::vector<std::pair<std::string, std::uint64_t>> found;
    store_.read_events(0, SIZE_MAX, [&](result<storage::events_answer> read) {
      for (const storage::stored_event& event : read->events) {
        storage::event_record record;
        const auto value = storage::split_event_value(event.sequence, event.value);
        EXPECT_TRUE(storage::parse_event_record(event.sequence, value->record, record));
        const auto type = static_cast<storage::event_type>(record.type());
        if (type == storage::event_type::otp_email_removed)
          found.emplace_back(record.user_id(), event.sequence);
      }
    });
    return found;
  }

  /// What a client has read of the answer, up to the last whole line.
  std::vector<std::string> answers() {
    const std::size_t stop = sent_.find("\r\n\r\n");
    if (stop == sent_.npos) return {};
    EXPECT_TRUE(sent_.starts_with("HTTP/1.1 200 OK\r\n")) << sent_;
    std::string_view rest = std::string_view(sent_).substr(stop + 4);
    std::string text;
    while (!rest.empty()) {
      std::size_t size = 0;
      const auto digits = std::from_chars(rest.data(), rest.data() + rest.size(), size, 16);
      rest.remove_prefix(
          std::min(rest.size(), static_cast<std::size_t>(digits.ptr - rest.data()) + 2));
      text += rest.substr(0, size);
      rest.remove_prefix(std::min(rest.size(), size + 2));
      ended_ = size == 0;
    }
    return bulk_testing::split(std::string_view(text).substr(0, text.rfind('\n') + 1));
  }

  void check(bool leaves) {
    const auto done = removed();
    for (std::size_t i = 0; i < done.size(); ++i) EXPECT_EQ(done[i].first, asked_.removals.at(i));
    std::vector<std::string> told = answers();
    if (leaves) {
      // The last says that the request was cut short, where it could be said.
      if (ended_ && !told.empty() && told.back().starts_with("{\"line\":")) told.pop_back();
      EXPECT_LE(told.size(), asked_.asked.size());
    } else {
      EXPECT_TRUE(ended_);
      EXPECT_EQ(told.size(), asked_.asked.size());
      EXPECT_EQ(done.size(), asked_.removals.size());
    }
    for (std::size_t i = 0, next = 0; i < std::min(told.size(), asked_.asked.size()); ++i) {
      const std::string& user = asked_.asked[i];
      const bool winner = next < done.size() && done[next].first == user;
      if (user.empty()) {
        EXPECT_TRUE(told[i].starts_with("{\"line\":")) << told[i];
      } else if (winner) {
        EXPECT_EQ(told[i], bulk_testing::done(user, done[next++].second));
      } else {
        EXPECT_EQ(told[i], bulk_testing::absent(user));
      }
    }
    link_.reset();
    EXPECT_EQ(calls_.in_use(), 0U);
    EXPECT_EQ(buffers_.used(), 0U);
    EXPECT_EQ(lines_.used(), 0U);
  }

  std::mt19937_64 random_;
  limits bounds_;
  const date_clock date_{timestamp{}};
  readiness_state state_;
  storage::memory_engine store_{"store"};
  unsigned char drawn_ = 0;
  quiet_service service_{store_,
                         [this](std::span<unsigned char> out) {
                           for (unsigned char& byte : out) byte = ++drawn_;
                         },
                         {.queue_commands = 1 + random_() % 30}};
  service::call_pool calls_{0};
  const api api_{{bounds_, state_, store_.mode(), {}}};
  budget lines_{1 + random_() % 20};
  const session_environment environment_{bounds_, date_, api_, service_.users(), calls_, &lines_};
  budget buffers_{1U << 20U};
  std::optional<loopback_connection> link_;
  upload asked_;
  std::string sent_;
  bool ended_ = false;
};

TEST(bulk_property_test, what_is_answered_is_in_the_log_and_what_is_in_it_is_of_the_first_lines) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    world(seed).live();
    if (HasFailure()) break;
  }
}

}  // namespace
}  // namespace factord::protocol::bulk_property_test
