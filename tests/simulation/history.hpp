#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/model/event.hpp"
#include "storage/model/records.pb.h"

namespace factord::simulation {

/// A user as it was from one position of the log on.
struct user_then {
  std::uint64_t since = 0;
  std::string org;
  std::string username;
  std::string state;  ///< as on the wire, e.g. "USER_STATE_ACTIVE"
  bool verified = false;
  bool factor = false;

  [[nodiscard]] bool live() const { return !state.empty() && state != "USER_STATE_DELETED"; }
};

struct token_then {
  std::uint64_t added = 0;
  std::uint64_t removed = std::numeric_limits<std::uint64_t>::max();
  std::string subject;
  std::string role;
  std::string org;
};

/// The log, and what the world was like at each of its positions. Written once more, apart from
/// the program's own rules: what both say the same twice is not checked.
class history {
 public:
  /// The next event of the log.
  void append(const storage::event_record& event);
  /// The log was cut: a power loss in mode `process`.
  void cut(std::uint64_t last);

  [[nodiscard]] std::uint64_t last() const { return events_.size(); }
  [[nodiscard]] const storage::event_record& at(std::uint64_t sequence) const {
    return events_.at(sequence - 1);
  }
  /// After the first `position` events. A user that was not there is neither live nor has an org.
  [[nodiscard]] const user_then& user(std::string_view id, std::uint64_t position) const;
  [[nodiscard]] bool exists(std::string_view id, std::uint64_t position) const {
    return !user(id, position).state.empty();
  }
  [[nodiscard]] bool name_taken(const std::string& org, const std::string& name,
                                std::uint64_t position) const;
  [[nodiscard]] const token_then* token(const std::string& id, std::uint64_t position) const;
  /// Whether it is there or was.
  [[nodiscard]] const token_then* token_ever(const std::string& id) const;
  /// The last event that a request with this key was answered with, within the first `position` and
  /// not over at this time of the log; 0 where there is none. The key as its event has it.
  [[nodiscard]] std::uint64_t keyed(const std::string& key, std::uint64_t position,
                                    std::int64_t time) const;
  /// Of the last event there; 0 before the first.
  [[nodiscard]] std::int64_t time_at(std::uint64_t position) const {
    return position == 0 ? 0 : at(position).created_at();
  }
  /// The last event of a user within the first `position`; 0 where there is none.
  [[nodiscard]] std::uint64_t last_of(std::string_view id, std::uint64_t position) const;

 private:
  void change_user(const storage::event_record& event, std::uint64_t sequence);
  void take_name(const user_then& owner, bool taken, std::uint64_t sequence);

  std::vector<storage::event_record> events_;
  std::map<std::string, std::vector<user_then>, std::less<>> users_;
  std::map<std::pair<std::string, std::string>, std::vector<std::pair<std::uint64_t, bool>>> names_;
  std::map<std::string, token_then> tokens_;
  std::map<std::string, std::vector<std::uint64_t>> keys_;
};

}  // namespace factord::simulation
