#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/service/event_page.hpp"
#include "server/service/status_code.hpp"
#include "storage/base/clock.hpp"
#include "storage/engine/backup_job.hpp"
#include "storage/engine/engine.hpp"
#include "storage/model/records.pb.h"

namespace factord::service {

/// zitadel.object.v2.Details. A time of 0 and an empty owner are unset.
struct object_details {
  std::uint64_t sequence = 0;
  timestamp change_date{};
  std::string resource_owner;
  timestamp creation_date{};
};

/// What became of a write with an Idempotency-Key.
enum class retry_verdict : std::uint8_t {
  none,      ///< it has none, or it is the first with it
  replayed,  ///< it was answered what the first was
  reused,    ///< the first was another request
};

class counters;

/// Stats: what the process knows of itself.
struct process_facts {
  const counters* tally = nullptr;
  storage::durability mode{};
  timestamp started_at{};
  std::uint64_t kept_retries = 0;  ///< answers that are kept for their keys, in the store
};

/// What any call may be answered.
struct brief_answer {
  status_code code = status_code::ok;
  std::string_view error_id;  ///< static
  std::string message;

  bool no_room = false;                       ///< every command: the queue was full
  retry_verdict retry = retry_verdict::none;  ///< every command
  object_details details;  ///< every command, GetUserByID; the two lists: the sequence alone,
                           ///< which is what an entity tag is made of

  /// Back to an empty ok, keeping memory.
  void clear();

  void fail(const failure& why) { fail(why.code, why.id, why.message); }
  void fail(status_code why, std::string_view id, std::string_view text) {
    code = why;
    error_id = id;
    message.assign(text);
  }
};

/// What a call was answered. Only what its operation fills in is set (see the operation's place),
/// and by one that is_brief() nothing of what stands here.
struct answer : brief_answer {
  bool not_modified = false;  ///< GetUserByID, the two lists: the client has named it
  std::string user_id;        ///< AddHumanUser, GetUserByID
  std::string email_code;     ///< AddHumanUser with returnCode, ResendEmailCode
  storage::user_record user;  ///< GetUserByID
  bool otp_email = false;     ///< the two lists: the factor is there
  storage::log_head head;     ///< lists, events, stats, ResetStore: the log as the answer knows it
  std::shared_ptr<const event_page> page;        ///< events; null: there are none
  std::uint64_t position = 0;                    ///< events: so far the log was looked at
  bool more = false;                             ///< events: a part, and others follow
  std::string store_id;                          ///< events, stats, ResetStore
  process_facts process;                         ///< stats
  std::string token_id;                          ///< CreateToken
  std::string token;                             ///< CreateToken: the secret, shown this once
  std::vector<storage::token_record> tokens;     ///< ListTokens, by their ids
  std::string next;                              ///< both pages: ask for more above it; or empty
  std::optional<storage::backup_status> backup;  ///< StartBackup, GetBackup

  [[nodiscard]] const event_page& log_page() const noexcept;  ///< `page`, or an empty one
  [[nodiscard]] bool has_events() const noexcept { return !log_page().events.empty(); }

  /// Back to an empty ok, keeping memory.
  void clear();
  /// Gives back the memory of the lists, up to a megabyte: for whoever keeps it for the next.
  void drop_lists() noexcept;
};

}  // namespace factord::service
