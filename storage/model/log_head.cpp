#include "storage/model/log_head.hpp"

#include <algorithm>

namespace factord::storage {

std::uint64_t token_epoch_after(std::uint64_t epoch, std::span<const new_event> events) noexcept {
  const bool raised = std::ranges::any_of(events, &new_event::affects_tokens);
  return raised ? epoch + 1 : epoch;
}

}  // namespace factord::storage
