#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "server/service/credentials/credential.hpp"
#include "storage/engine/log_source.hpp"

/// Whoever a credential names may be a user of this store, whose state then bars it.
namespace factord::service {

/// From the record of a subject. One that is no user of this store has no state that could bar it.
[[nodiscard]] bool is_active(std::optional<std::string_view> user);

/// Asks the store for the subject of what was found good so far, and ends its judgement: `done` is
/// called as credential_kind::judge has it. `epoch` is that of a head by which something was read
/// before: a change that comes between that and the subject makes the verdict one of a past epoch.
/// Without one it is of the subject's.
void judge_subject(const storage::log_source& store, verdict found,
                   std::optional<std::uint64_t> epoch, credential_kind::callback done);

}  // namespace factord::service
