#pragma once

#include <string>
#include <utility>

#include "server/service/credentials/caller.hpp"

namespace factord::service::testing {

/// A grant of one role; `org` is empty for one that holds on every organization.
inline grant granted(role which, std::string org) {
  grant one;
  one.roles.add(which);
  one.org = std::move(org);
  return one;
}

}  // namespace factord::service::testing
