#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/postgres/session_machine.hpp"

namespace factord::storage::testing {

/// A database that says what it is told to, and plays the other side of a session_machine: it keeps
/// what it was asked, in words.
class scripted_database {
 public:
  // What it says where nothing is ordered.
  loaded_head head;
  std::optional<std::string> hash_there;                  ///< of the event that is asked for
  bool attempt_is_there = false;                          ///< that of the commit before
  std::optional<std::vector<std::string>> head_row = {};  ///< instead of the head
  std::string standby_names = {};                         ///< as the setting
  std::vector<std::pair<std::string, std::string>> states = {};

  // Faults, each for the next time.
  std::map<sql, std::string> fail = {};  ///< a request fails with this code
  std::map<sql, std::string> tag = {};   ///< instead of its own
  std::optional<sql> lose_at = {};       ///< the connection is lost instead of the reply
  std::optional<sql> late_at = {};       ///< no reply comes
  int warnings = 0;                      ///< so many exchanges with a COMMIT end with a warning
  int refuse = 0;                        ///< so many connections are refused
  errc refuse_as = errc::unavailable;

  /// Does what the machine says until its order has an outcome.
  void serve(session_machine& machine);

  /// What was done since the last time: "connect", "close", "pause", or the requests of an
  /// exchange.
  std::vector<std::string> take_trace() { return std::exchange(trace_, {}); }

  session_machine::time now{};

 private:
  void exchange(session_machine& machine);
  void reply_to(const sql_request& request, session_machine& machine);

  std::vector<std::string> trace_;
  std::string attempt_;  ///< of the last commit
};

}  // namespace factord::storage::testing
