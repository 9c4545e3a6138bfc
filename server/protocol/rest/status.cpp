#include "server/protocol/rest/status.hpp"

#include "server/protocol/wire/wire_status.hpp"
#include "server/service/failures.hpp"

namespace factord::protocol {

answer_status path_status(const service::answer& done) noexcept {
  if (done.error_id == service::tag_mismatch.id) return 412;
  if (done.retry == service::retry_verdict::reused) return 422;
  return http_status(done.code);
}

}  // namespace factord::protocol
