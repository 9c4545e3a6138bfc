#include "server/config/environment.hpp"

#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "server/config/nearest_name.hpp"
#include "server/config/settings.hpp"

namespace factord {
namespace {

constexpr std::string_view ours = "FACTORD_";

// Without the beginning that they have in common.
std::vector<std::string> known_names() {
  std::vector<std::string> names{"CONFIG"};
  for (const setting& one : settings()) names.push_back(environment_name(one).substr(ours.size()));
  return names;
}

// NAME_PORT_80_TCP, and what may follow it.
bool names_a_port(std::string_view name) {
  constexpr std::string_view key = "_PORT_";
  const std::size_t at = name.find(key);
  if (at == std::string_view::npos) return false;
  std::string_view rest = name.substr(at + key.size());
  const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
  rest.remove_prefix(digits);
  return digits > 0 &&
         (rest.starts_with("_TCP") || rest.starts_with("_UDP") || rest.starts_with("_SCTP"));
}

// What Kubernetes and Docker say about the service NAME (Kubernetes, "Accessing the Service").
bool is_service_link(std::string_view name, std::string_view value) {
  if (name.ends_with("_SERVICE_HOST") || name.ends_with("_SERVICE_PORT")) return true;
  if (name.find("_SERVICE_PORT_") != std::string_view::npos) return true;
  if (names_a_port(name)) return true;
  return name.ends_with("_PORT") && value.find("://") != std::string_view::npos;
}

}  // namespace

environment read_environment() {
  environment found;
  for (char** at = ::environ; at != nullptr && *at != nullptr; ++at) {
    const std::string_view entry = *at;
    const std::size_t equals = entry.find('=');
    if (!entry.starts_with(ours) || equals == std::string_view::npos) continue;
    // Of a name that is there twice, the first counts, as it does for getenv.
    found.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return found;
}

result<void> check_names(const environment& given) {
  const std::vector<std::string> known = known_names();
  for (const auto& [name, value] : given) {
    if (!name.starts_with(ours) || is_service_link(name, value)) continue;
    const std::string rest = name.substr(ours.size());
    if (std::ranges::find(known, rest) != known.end()) continue;
    std::string message = "the environment variable " + name + " is no setting";
    const std::string nearest = nearest_name(rest, known);
    const std::string_view place = place_of_option(rest);
    if (!place.empty()) {
      message += ": " + std::string(place);
    } else if (!nearest.empty()) {
      message += ": is " + std::string(ours) + nearest + " meant?";
    }
    return error{errc::bad_argument, message};
  }
  return {};
}

}  // namespace factord
