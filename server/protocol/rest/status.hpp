#pragma once

#include "server/protocol/wire/answer_status.hpp"
#include "server/service/answer.hpp"

namespace factord::protocol {

/// The status of a call that was answered over a path, where it is an error: that of its code, but
/// where HTTP has one that says more.
[[nodiscard]] answer_status path_status(const service::answer& done) noexcept;

}  // namespace factord::protocol
