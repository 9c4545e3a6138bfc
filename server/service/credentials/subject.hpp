#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "server/service/credentials/caller.hpp"
#include "server/service/credentials/credential.hpp"
#include "storage/engine/log_source.hpp"
#include "storage/model/records.pb.h"

/// Whoever a credential names may be a user of this store, whose state then bars it.
///
/// Ids are chosen by who adds users, and those may on one organization give a user the id of
/// somebody whose roles reach further: a machine that is no user here, or a provider's. So a user
/// whom they made is the subject of what reaches beyond its organization only while its state is
/// one that somebody from beyond has given it.
namespace factord::service {

/// Whether user and state are those of an organization alone.
[[nodiscard]] bool is_within_org(const storage::user_record& user);

/// Whether the user whose id the subject has is that subject.
[[nodiscard]] bool is_meant(const storage::user_record& user, const caller& subject);

/// From the record under the subject's id. One that is no user of this store has no state that
/// could bar it.
[[nodiscard]] bool is_active(const caller& subject, std::optional<std::string_view> user);

/// Asks the store for the subject of what was found good so far, and ends its judgement: `done` is
/// called as credential_kind::judge has it. `epoch` is that of a head by which something was read
/// before: a change that comes between that and the subject makes the verdict one of a past epoch.
/// Without one it is of the subject's.
void judge_subject(const storage::log_source& store, verdict found,
                   std::optional<std::uint64_t> epoch, credential_kind::callback done);

}  // namespace factord::service
