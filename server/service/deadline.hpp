#pragma once

#include "server/service/call.hpp"
#include "server/service/environment.hpp"

namespace factord::service {

/// True, and the call has failed, where its client does not wait any longer: nothing of it was done
/// yet. The clock is read only for who set a deadline. On the shard's thread.
[[nodiscard]] bool is_too_late(const environment& with, call& pending);

}  // namespace factord::service
