#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/postgres/session_io.hpp"

namespace factord::storage::testing {

using row = std::vector<std::string>;

class listed_rows final : public sql_rows {
 public:
  explicit listed_rows(std::vector<row> rows) : rows_(std::move(rows)) {}
  std::size_t size() const noexcept override { return rows_.size(); }
  std::optional<std::string_view> cell(std::size_t at, std::size_t column) const override {
    return rows_.at(at).at(column);
  }

 private:
  std::vector<row> rows_;
};

/// A database that says what it is told to, at the other end of a session: it keeps what it was
/// asked, in words.
class scripted_database final : public session_io {
 public:
  // What it says where nothing is ordered.
  loaded_head head;
  std::optional<std::string> hash_there;                  ///< of the event that is asked for
  bool attempt_is_there = false;                          ///< that of the commit before
  std::optional<std::vector<std::string>> head_row = {};  ///< instead of the head
  std::string standby_names = {};                         ///< as the setting
  std::string turned_off = {};                            ///< settings
  std::vector<std::pair<std::string, std::string>> states = {};

  // Faults, each for the next time.
  std::map<sql, std::string> fail = {};  ///< a request fails with this code
  std::map<sql, std::string> tag = {};   ///< instead of its own
  std::optional<sql> lose_at = {};       ///< the connection is lost instead of the reply
  std::optional<sql> late_at = {};       ///< no reply comes
  std::optional<sql> omit = {};          ///< its reply is left out
  bool one_more = false;                 ///< a reply that nobody asked for
  int warnings = 0;                      ///< so many exchanges that commit end with a warning
  std::chrono::milliseconds takes{0};    ///< every exchange, from then on
  int refuse = 0;                        ///< so many connections are refused
  errc refuse_as = errc::unavailable;

  std::function<void()> on_connect = {};

  session_machine::time clock{};

  /// Does what the machine says until its order has an outcome.
  void serve(session_machine& machine) { run_session(machine, *this); }

  /// What was done since the last time: "connect", "close", "pause", or the requests of an
  /// exchange.
  std::vector<std::string> take_trace() { return std::exchange(trace_, {}); }

  time now() override { return clock; }
  result<void> connect(time by) override;
  bool has_ended() override { return false; }
  void send(std::span<const sql_request> requests) override;
  exchange_event receive(time by) override;
  void pause(time until) override;
  void close() override;
  std::optional<peer> connected_to() const override {
    return connected_ ? std::optional{peer{{1, 1}, 1}} : std::nullopt;
  }

 private:
  /// To one request. False where nothing comes of the others.
  bool answer(const sql_request& request, bool& failed);
  void reply_to(const sql_request& request);

  std::vector<std::string> trace_;
  std::string attempt_;  ///< of the last commit
  std::deque<exchange_event> coming_;
  std::deque<std::string> texts_;  ///< that these are views of
  std::deque<listed_rows> rows_;   ///< the same
  bool lost_ = false;
  bool connected_ = false;
};

}  // namespace factord::storage::testing
