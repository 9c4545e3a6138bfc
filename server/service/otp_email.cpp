#include "server/service/decision_tools.hpp"
#include "storage/model/stored_record.hpp"

namespace factord::service {
namespace {

constexpr failure not_set_up{status_code::not_found, "COMMAND-b312D",
                             "Multifactor OTP (OneTimePassword) doesn't exist"};
constexpr failure already_set_up{status_code::already_exists, "COMMAND-MKL2s",
                                 "Multifactor OTP (OneTimePassword) is already set up"};
constexpr failure not_ready{status_code::failed_precondition, "COMMAND-KLJ2d",
                            "Multifactor OTP (OneTimePassword) isn't ready"};

// The target's factor, or nothing where it is not set up. The record is kept between calls, so that
// the main job allocates nothing here.
const storage::factor_record* find_factor(const question& asked, known_states states) {
  thread_local storage::factor_record factor;
  const auto bytes = states.otp_email(asked.in.user_id);
  if (!bytes) return nullptr;
  storage::parse_stored(*bytes, factor);
  return &factor;
}

}  // namespace

void list_otp_email_keys(const question& asked, wanted_states keys) {
  keys.otp_email(asked.in.user_id);
  // A removal needs no second look-up: the factor names its owner. Only where it is absent does a
  // caller of one org learn less of a user of another.
  if (asked.op != operation::remove_otp_email || org_decides(asked)) keys.user(asked.in.user_id);
}

void decide_remove_otp_email(const question& asked, const decision& on, answer& out) {
  const storage::factor_record* factor = find_factor(asked, on.states);
  if (factor == nullptr) {
    const auto user = org_decides(asked) ? live_user(on.states, asked.in.user_id) : std::nullopt;
    const bool hidden = user && !may(asked, user->resource_owner());
    return out.fail(hidden ? no_permission : not_set_up);
  }
  if (!may(asked, factor->resource_owner())) return out.fail(no_permission);
  if (asked.in.dry_run) return;
  append_event(asked, on, storage::event_type::otp_email_removed, factor->resource_owner(), out);
}

void decide_add_otp_email(const question& asked, const decision& on, answer& out) {
  const auto user = live_user(on.states, asked.in.user_id);
  if (!user) return out.fail(not_ready);
  if (!may(asked, user->resource_owner())) return out.fail(no_permission);
  if (find_factor(asked, on.states) != nullptr) return out.fail(already_set_up);
  if (!user->email_verified()) return out.fail(not_ready);
  append_event(asked, on, storage::event_type::otp_email_added, user->resource_owner(), out);
}

}  // namespace factord::service
