#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factord::service {

/// The roles that a credential can carry, by the names that ZITADEL gives them: those that hold on
/// every org first.
enum class role : std::uint8_t {
  iam_owner,
  iam_owner_viewer,
  iam_org_manager,
  iam_user_manager,
  iam_login_client,
  org_owner,
  org_owner_viewer,
  org_user_manager,
  count_,  ///< none: how many there are
};

/// The role's public name, e.g. "ORG_OWNER".
[[nodiscard]] std::string_view name(role which) noexcept;
[[nodiscard]] std::optional<role> find_role(std::string_view name) noexcept;

/// True for the IAM_ roles, which hold on every org; the others hold on the org of their grant.
[[nodiscard]] constexpr bool holds_everywhere(role which) noexcept {
  return which < role::org_owner;
}

/// A set of roles.
class role_set {
 public:
  constexpr role_set() = default;
  constexpr role_set(std::initializer_list<role> members) noexcept {
    for (const role member : members) add(member);
  }
  constexpr void add(role which) noexcept {
    bits_ = static_cast<std::uint16_t>(bits_ | bit(which));
  }
  [[nodiscard]] constexpr bool contains(role which) const noexcept {
    return (bits_ & bit(which)) != 0;
  }
  [[nodiscard]] constexpr bool empty() const noexcept { return bits_ == 0; }
  [[nodiscard]] constexpr bool operator==(const role_set&) const noexcept = default;
  [[nodiscard]] constexpr role_set operator&(role_set other) const noexcept {
    role_set both;
    both.bits_ = bits_ & other.bits_;
    return both;
  }

 private:
  static constexpr std::uint16_t bit(role which) noexcept {
    return static_cast<std::uint16_t>(1U << static_cast<unsigned>(which));
  }
  std::uint16_t bits_ = 0;
};

/// The roles that hold on every org.
inline constexpr role_set everywhere_roles = [] {
  role_set set;
  for (std::size_t i = 0; i < static_cast<std::size_t>(role::count_); ++i) {
    const auto one = static_cast<role>(i);
    if (holds_everywhere(one)) set.add(one);
  }
  return set;
}();

/// Roles that a credential carries together.
struct grant {
  role_set roles;
  std::string org;  ///< the org on which the ORG_ roles hold; empty without one
};

/// Who acts where the admin socket does.
inline constexpr std::string_view system_user = "SYSTEM";

/// Who calls: the subject of a valid credential with what that grants, or the admin socket.
struct caller {
  std::string user_id;
  bool trusted = false;  ///< over the admin socket: no credential, every permission
  std::vector<grant> grants;

  /// The org of all grants that name one; empty where none does, or two do.
  [[nodiscard]] std::string_view only_org() const noexcept;
  /// True where something is granted elsewhere than on this org alone.
  [[nodiscard]] bool reaches_beyond(std::string_view org) const noexcept;
  /// Keeps memory: a grant of nothing grants nothing.
  void clear() noexcept;
};

}  // namespace factord::service
