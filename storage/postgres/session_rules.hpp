#pragma once

#include <chrono>

namespace factord::storage {

/// How long a session waits for what.
struct session_rules {
  /// For one host, until a connection to it is ready to be used.
  std::chrono::milliseconds connect_time{3'000};
  /// For a load, whatever it takes: connecting too.
  std::chrono::milliseconds load_time{5'000};
  /// For the lock on the head, and every other one; less than load_time.
  std::chrono::milliseconds lock_time{1'000};
  /// For a commit, and for whatever else is one round trip.
  std::chrono::milliseconds commit_time{3'000};
  /// For finding out how a commit ended, from its beginning.
  std::chrono::milliseconds resolve_time{10'000};
  std::chrono::milliseconds resolve_pause{100};
  /// For reads that share a round trip, whatever it takes: connecting too.
  std::chrono::milliseconds read_time{5'000};
  /// For how long a primary is known to be the newest by a write that its standbys have confirmed
  /// (primary_watch.hpp).
  std::chrono::milliseconds lease_time{1'000};
  /// How often a session that nobody asks for anything looks at what a commit waits for.
  std::chrono::milliseconds look_time{2'000};
  /// How long the database keeps a transaction open over a process that says nothing any more.
  std::chrono::milliseconds idle_transaction_time{5'000};
  /// After how long without an answer a peer counts as gone; of both sides.
  std::chrono::seconds peer_time{3};
  /// After a conflict so many batches lock the head when they load it.
  unsigned locked_batches = 16;
  /// Nothing is written to a database that waits for no standby.
  bool require_standby = false;
};

/// For a program that nobody waits for: it is rather late than of no use.
[[nodiscard]] inline session_rules patient_rules() {
  session_rules rules;
  rules.connect_time = std::chrono::seconds{10};
  rules.load_time = std::chrono::seconds{60};
  rules.lock_time = std::chrono::seconds{30};
  rules.commit_time = std::chrono::seconds{60};
  rules.resolve_time = std::chrono::seconds{120};
  rules.read_time = std::chrono::seconds{60};
  return rules;
}

}  // namespace factord::storage
