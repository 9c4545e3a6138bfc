#include "server/service/read_failures.hpp"

#include "server/base/log.hpp"

namespace factord::service {

void read_failures::note(std::string_view what, const error& cause, time_point now) {
  count_.fetch_add(1, std::memory_order_relaxed);
  if (line_.due(now) == 0) return;
  log::error("stored data cannot be read, nothing was changed", {{"request", what},
                                                                 {"code", name(cause.code)},
                                                                 {"cause", cause.message},
                                                                 {"read_failures", count()}});
}

}  // namespace factord::service
