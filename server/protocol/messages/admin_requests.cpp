#include "server/protocol/messages/admin_requests.hpp"

#include <chrono>

#include "server/protocol/messages/validation.hpp"

namespace factord::protocol {
namespace {

namespace v1 = factord::admin::v1;

using service::call;

constexpr std::size_t path_bytes_max = 4'095;
constexpr std::uint64_t lifetime_max_s = 100ULL * 366 * 24 * 3600;

void read_roles(const v1::CreateTokenRequest& sent, call& work) {
  for (const std::string& name : sent.roles()) {
    const auto role = service::find_role(name);
    if (!role) return reject(work, "roles holds a role that does not exist");
    if (service::holds_everywhere(*role) == !work.in.org.empty()) {
      return reject(work, "roles mixes: ORG_ roles need an organization, IAM_ roles allow none");
    }
    work.in.roles.add(*role);
  }
}

void read_lifetime(const v1::CreateTokenRequest& sent, call& work) {
  if (!sent.has_expires_in_seconds()) return;
  const std::uint64_t seconds = sent.expires_in_seconds();
  if (seconds == 0 || seconds > lifetime_max_s) {
    return reject(work, "expiresInSeconds must be from 1 second to 100 years");
  }
  work.in.lifetime = std::chrono::seconds(static_cast<std::int64_t>(seconds));
}

}  // namespace

void read_create_token(const v1::CreateTokenRequest& sent, const request&, call& work) {
  work.in.user_id.assign(sent.user_id());
  if (sent.has_organization()) {
    work.in.org.assign(sent.organization());
    check_length(work, "Organization", work.in.org);
  }
  read_roles(sent, work);
  read_lifetime(sent, work);
  check_length(work, "UserId", work.in.user_id);
}

void read_start_backup(const v1::StartBackupRequest& sent, const request&, call& work) {
  work.in.directory.assign(sent.directory());
  const std::string& path = work.in.directory;
  if (path.starts_with('/') && path.size() <= path_bytes_max &&
      path.find('\0') == std::string::npos) {
    return;
  }
  reject(work, "directory must be an absolute path of at most 4095 bytes");
}

}  // namespace factord::protocol
