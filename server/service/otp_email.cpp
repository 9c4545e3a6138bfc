#include "server/service/decision_tools.hpp"
#include "storage/base/check.hpp"
#include "storage/model/keys.hpp"

namespace factord::service {
namespace {

constexpr failure not_set_up{status_code::not_found, "COMMAND-b312D",
                             "Multifactor OTP (OneTimePassword) doesn't exist"};
constexpr failure already_set_up{status_code::already_exists, "COMMAND-MKL2s",
                                 "Multifactor OTP (OneTimePassword) is already set up"};
constexpr failure not_ready{status_code::failed_precondition, "COMMAND-KLJ2d",
                            "Multifactor OTP (OneTimePassword) isn't ready"};

// The owner of the target's factor, or nothing where the factor is not set up. The record is kept
// between calls, so that the main job allocates nothing here.
const storage::factor_record* find_factor(const call& work, const storage::state_table& states) {
  thread_local storage::factor_record factor;
  storage::set_factor_key(work.key, work.in.user_id, storage::factor_type::otp_email);
  const auto bytes = states.get(work.key);
  if (!bytes) return nullptr;
  FACTORD_CHECK(factor.ParseFromArray(bytes->data(), static_cast<int>(bytes->size())));
  return &factor;
}

}  // namespace

void list_otp_email_keys(const call& work, storage::state_table& table) {
  storage::set_factor_key(work.key, work.in.user_id, storage::factor_type::otp_email);
  table.want(work.key);
  // A removal needs no second look-up: the factor names its owner. Only where it is absent does a
  // caller of one org learn less of a user of another.
  if (work.op != operation::remove_otp_email || org_decides(work)) {
    storage::set_user_key(work.key, work.in.user_id);
    table.want(work.key);
  }
}

void decide_remove_otp_email(call& work, const decision& on) {
  const storage::factor_record* factor = find_factor(work, on.states);
  if (factor == nullptr) {
    const auto user = org_decides(work) ? live_user(work, on.states) : std::nullopt;
    const bool hidden = user && !may(work, user->resource_owner());
    return work.out.fail(hidden ? no_permission : not_set_up);
  }
  if (!may(work, factor->resource_owner())) return work.out.fail(no_permission);
  append_event(work, on, storage::event_type::otp_email_removed, factor->resource_owner());
}

void decide_add_otp_email(call& work, const decision& on) {
  const auto user = live_user(work, on.states);
  if (!user) return work.out.fail(not_ready);
  if (!may(work, user->resource_owner())) return work.out.fail(no_permission);
  if (find_factor(work, on.states) != nullptr) return work.out.fail(already_set_up);
  if (!user->email_verified()) return work.out.fail(not_ready);
  append_event(work, on, storage::event_type::otp_email_added, user->resource_owner());
}

}  // namespace factord::service
