#include "tools/factorctl/token_grant.hpp"

#include "server/service/credentials/caller.hpp"

namespace factord::ctl {

result<void> check_grant(const std::vector<std::string>& roles, const std::string& org) {
  for (const std::string& name : roles) {
    const auto role = service::find_role(name);
    if (!role) return error{errc::bad_argument, "there is no role " + name};
    if (service::holds_everywhere(*role)) {
      if (org.empty()) continue;
      return error{errc::bad_argument, name + " holds on every organization: it takes no --org"};
    }
    if (org.empty()) {
      return error{errc::bad_argument, name + " needs --org, the organization on which it holds"};
    }
  }
  return {};
}

}  // namespace factord::ctl
