#include "server/protocol/messages/admin_requests.hpp"

#include <chrono>

#include "server/protocol/messages/validation.hpp"

namespace factord::protocol {
namespace {

namespace v1 = factord::admin::v1;

using service::call;

constexpr std::size_t path_bytes_max = 4'095;
constexpr std::uint64_t lifetime_max_s = 100ULL * 366 * 24 * 3600;

void read_roles(const v1::CreateTokenRequest& sent, call& pending) {
  for (const std::string& name : sent.roles()) {
    const auto role = service::find_role(name);
    if (!role) return reject(pending, "roles holds a role that does not exist");
    if (service::holds_everywhere(*role) == !pending.in.org.empty()) {
      return reject(pending, "roles mixes: ORG_ roles need an organization, IAM_ roles allow none");
    }
    pending.in.roles.add(*role);
  }
}

void read_lifetime(const v1::CreateTokenRequest& sent, call& pending) {
  if (!sent.has_expires_in_seconds()) return;
  const std::uint64_t seconds = sent.expires_in_seconds();
  if (seconds == 0 || seconds > lifetime_max_s) {
    return reject(pending, "expiresInSeconds must be from 1 second to 100 years");
  }
  pending.in.lifetime = std::chrono::seconds(static_cast<std::int64_t>(seconds));
}

}  // namespace

void read_create_token(const v1::CreateTokenRequest& sent, const request&, call& pending) {
  pending.in.user_id.assign(sent.user_id());
  if (sent.has_organization()) {
    pending.in.org.assign(sent.organization());
    check_length(pending, "Organization", pending.in.org);
  }
  read_roles(sent, pending);
  read_lifetime(sent, pending);
  check_length(pending, "UserId", pending.in.user_id);
}

void read_start_backup(const v1::StartBackupRequest& sent, const request&, call& pending) {
  pending.in.directory.assign(sent.directory());
  const std::string& path = pending.in.directory;
  if (path.starts_with('/') && path.size() <= path_bytes_max &&
      path.find('\0') == std::string::npos) {
    return;
  }
  reject(pending, "directory must be an absolute path of at most 4095 bytes");
}

void read_reset_store(const v1::ResetStoreRequest&, const request&, call&) {}

}  // namespace factord::protocol
