#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "server/service/call.hpp"

namespace factord::service {

/// Who waits for which walk over the log. Streams that have come as far, are let see the same and
/// have heard of the log's growth up to the same time are told the same next: one of them walks for
/// all, and what it finds is read, and written, once. One thread.
class shared_walks {
 public:
  using continuation = std::function<void(call&)>;

  /// A call that another walks for, and how it goes on.
  struct companion {
    call* pending;
    continuation then;
  };

  /// True where another walks for this call too (`entered`: event_waits::enter). False: it is to
  /// walk itself, and then to take() who has joined it.
  [[nodiscard]] bool join(call& pending, std::uint64_t entered, const continuation& then);

  /// Of one that was not joined to another, once it has walked.
  [[nodiscard]] std::vector<companion> take(const call& walked, std::uint64_t entered);

 private:
  std::unordered_map<std::string, std::vector<companion>> under_way_;  ///< by what is asked
};

}  // namespace factord::service
