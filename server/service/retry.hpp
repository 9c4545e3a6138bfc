#pragma once

#include "server/service/commands.hpp"
#include "storage/model/hash_chain.hpp"

/// Idempotency-Key on a write: what a repeated request is answered, and what is kept for that. The
/// records are of storage/model/retries.hpp.
namespace factord::service {

/// Hashes the key of a question that has one, with whose it is, and what it asks for: the
/// operation, its target and what it says, whatever protocol said it.
void hash_retry(const call_input& in, operation op, const caller& who, storage::sha256& hasher,
                retry_draw& out);

/// Names what the two below read, where the question has a key.
void list_retry_keys(const question& asked, wanted_states keys);

/// True, and the answer is there, where the key was used before: the first answer once more, but
/// for secrets; or that it was for another request. Permission comes first: of who lacks it this
/// says nothing, and the decision refuses.
[[nodiscard]] bool answered_before(const question& asked, const decision& on, answer& out);

/// Has the event that answers a question with a key keep that for it.
void keep_for_retry(const question& asked, const decision& on, storage::event_record& event);

}  // namespace factord::service
