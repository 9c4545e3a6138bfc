#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/options.hpp"

namespace factord::simulation {

/// What clients ask for.
enum class ask : std::uint8_t {
  remove_otp,
  add_otp,
  list_methods,
  add_user,
  lock,
  unlock,
  deactivate,
  reactivate,
  delete_user,
  get_user,
  list_events,
  live,          ///< /livez: answered at once, by nobody but the connection
  bulk,          ///< of removals, each of which is a request of its own
  create_token,  ///< this one and the next over the admin socket
  revoke_token,
};

/// One request, as its client and the model see it.
struct request_seen {
  std::uint64_t id = 0;
  ask what = ask::remove_otp;
  std::string token;   ///< the secret; empty over the admin socket
  std::string target;  ///< a user's id; revoke_token: the token's
  std::string org;     ///< add_user and create_token
  std::string username;
  bool verified = false;
  std::string role;
  std::uint64_t after = 0;
  std::size_t limit = 0;
  std::optional<std::size_t> deadline_ms;
  std::optional<std::vector<std::uint64_t>> if_match;  ///< sequences; an empty list: of anybody
  std::string key;                                     ///< Idempotency-Key; empty: none
  bool dry_run = false;                                ///< only what would be
  bool stalled = false;  ///< it was sent in two halves, with a long time between them

  std::uint64_t first_position = 0;  ///< the log's last sequence when it was sent
  std::uint64_t settled = 0;         ///< that of the newest batch that was answered by then
  std::size_t losses = 0;            ///< how often the log had lost its end by then
};

/// True where it may change something.
[[nodiscard]] bool writes(ask what);
[[nodiscard]] inline bool writes(const request_seen& asked) {
  return writes(asked.what) && !asked.dry_run;
}

/// The bytes of it: JSON over HTTP/1.1, or Connect where there is a deadline.
[[nodiscard]] std::string to_http(const request_seen& asked);

/// For the trace.
[[nodiscard]] std::string to_text(const request_seen& asked);

/// An answer, taken apart.
struct answer_seen {
  unsigned status = 0;
  std::uint64_t tag = 0;  ///< 0: none
  bool replayed = false;  ///< of a repeated request
  std::string body;
};

/// Takes the first whole answer off `bytes`; interim ones are skipped.
[[nodiscard]] std::optional<answer_seen> take_answer(std::string& bytes);

}  // namespace factord::simulation
