#pragma once

namespace factord {

/// Bugs that can be planted, one at a time, to see that the tests find them: a suite that passes
/// with its canary in proves nothing. A source file compiled with FACTORD_PLANTED has all of those
/// in it that stand there, and each run chooses one; without it all of this is decided, and gone,
/// at compile time. tests/canaries/CMakeLists.txt says what has to catch each.
enum class canary {
  none,
  answer_before_sync,       ///< mode `disk` answers once a batch is written, not once it is synced
  skip_tail_check,          ///< the log is not looked at before the database is opened
  retry_after_failed_sync,  ///< a sync that failed is tried again, and then believed
  reuse_sequence,           ///< now and then a batch goes on from one event before the head
  forget_overlay,           ///< commands do not see what others of their batch changed
  skip_permission,          ///< whoever has a right somewhere has it on every user
  stale_verdict,            ///< a token that was found good stays good
  stale_epoch,              ///< and so it does where another server has revoked it
  forgotten_abandon,        ///< a load that no commit follows is left without an end
  lose_completion,          ///< the last command of a large batch is done, and nobody is told
  read_overtakes,           ///< a read does not wait for its connection's earlier writes
  write_overtakes,          ///< nor a write until they are in the commit queue
  lines_overtake,           ///< nor a line of a bulk, where an earlier one is answered meanwhile
  replay_input,             ///< what is taken under a read that is under way is shown again
  two_truths_of_input,      ///< the session wants input where its codec takes none
  match_before_decision,    ///< If-Match is judged by what was loaded, not by the batch so far
  forget_key,               ///< a request that is repeated is carried out again
  key_without_body,         ///< and another one with its key is answered as it was
  decide_once,              ///< a batch that was not taken is tried again with its old answers
  decide_twice,             ///< a decision that is run again finds the answer of its earlier run
  no_guard,                 ///< a commit on a database does not ask whether the head has moved
  no_head_latch,            ///< a database that has lost answered events is believed
  ignore_warning,           ///< a COMMIT that warns is taken for a durable one
  resolve_without_epoch,    ///< how a commit ended is looked up, and it may still come
  stale_token_epoch,        ///< a commit on a database leaves the token epoch as it was
  stream_skips,             ///< a stream goes on one event too far now and then
  lose_companion,           ///< of the streams that share a walk one is not told what it found
  stream_before_sync,       ///< readers see an event that is yet to be synced, and then answered
  lock_over_idle,           ///< refusals alone keep the lock on the head
  stale_read,               ///< a read is answered by a primary that is not known to be the newest
  late_lease,               ///< one is known to be that from its answer on, not from the question
  reads_without_latch,      ///< readers do not mind a database that has lost what was seen
  torn_read,                ///< reads that share a round trip do not share a snapshot
  stale_keys,               ///< a token that was found good by a key stays so without that
  algorithm_from_header,    ///< a token's header may name another algorithm than its key has
  count_
};

#ifdef FACTORD_PLANTED

/// True where this bug is the one that this run has in it: the environment variable FACTORD_CANARY
/// names it. A name of none of them ends the program.
[[nodiscard]] bool planted(canary bug) noexcept;

#else

/// False: what runs in earnest has none in it. So it is each file's own.
[[nodiscard]] static consteval bool planted(canary) noexcept { return false; }

#endif

}  // namespace factord
