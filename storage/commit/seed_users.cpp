#include "storage/commit/seed_users.hpp"

#include <algorithm>

#include "storage/commit/single_commits.hpp"
#include "storage/model/event.hpp"
#include "storage/model/keys.hpp"

namespace factord::storage {
namespace {

// Enough that an fsync is a small part of a batch, few enough that a batch stays below a megabyte.
constexpr std::uint64_t users_per_batch = 500;

// Adds a run of users, up to the first that exists.
class add_users final : public command {
 public:
  add_users(const id_range& ids, const std::string& org) : ids_(ids), org_(org) {}

  // Names the users [first, first + count) of the range as the ones to add.
  void cover(std::uint64_t first, std::uint64_t count) {
    first_ = first;
    count_ = count;
    added_ = 0;
  }

  // Of those covered, how many were added. The one after them exists where it is not all.
  [[nodiscard]] std::uint64_t added() const noexcept { return added_; }

  void list_keys(state_table& table) const override {
    std::string id;
    std::string key;
    for (std::uint64_t i = 0; i < count_; ++i) {
      id.clear();
      ids_.append(id, first_ + i);
      set_user_key(key, id);
      table.want(key);
      set_username_key(key, org_, id);
      table.want(key);
      set_factor_key(key, id, factor_type::otp_email);
      table.want(key);
    }
  }

  void decide(const state_table& states, const decision_times&, event_sink& events) override {
    std::string id;
    for (added_ = 0; added_ < count_; ++added_) {
      id.clear();
      ids_.append(id, first_ + added_);
      if (exists(states, id)) return;
      append_added(events, id);
      append(events, id, event_type::email_verified);
      append(events, id, event_type::otp_email_added);
    }
  }

  // The queue's hook tells of a failure.
  void finish(commit_outcome) noexcept override {}

  std::size_t size_bytes() const noexcept override { return sizeof(*this); }

 private:
  // A user id stays taken after its user was removed; a username may be another user's.
  [[nodiscard]] bool exists(const state_table& states, const std::string& id) {
    set_user_key(key_, id);
    if (states.get(key_)) return true;
    set_username_key(key_, org_, id);
    return states.get(key_).has_value();
  }

  void append_added(event_sink& events, const std::string& id) {
    event_record& event = fill(events, id, event_type::human_added);
    event_payload& payload = *event.mutable_payload();
    payload.set_username(id);
    payload.mutable_person()->set_given_name("Seed");
    payload.mutable_person()->set_family_name(id);
    payload.set_email(id + "@seed.invalid");
    events.append();
  }

  void append(event_sink& events, const std::string& id, event_type type) {
    fill(events, id, type);
    events.append();
  }

  event_record& fill(event_sink& events, const std::string& id, event_type type) {
    event_record& event = events.blank();
    event.set_type(static_cast<std::uint32_t>(type));
    event.set_user_id(id);
    event.set_resource_owner(org_);
    event.set_creator("factorctl");
    return event;
  }

  const id_range& ids_;
  const std::string& org_;
  std::uint64_t first_ = 0;
  std::uint64_t count_ = 0;
  std::uint64_t added_ = 0;
  std::string key_;
};

std::string added_before(std::uint64_t count) {
  return " (" + std::to_string(count) + " users were added before)";
}

}  // namespace

result<void> seed_users(engine& store, const id_range& ids, const std::string& org,
                        const seed_progress& progress) {
  single_commits commits{store};
  add_users work{ids, org};
  for (std::uint64_t done = 0; done < ids.size(); done += work.added()) {
    work.cover(done, std::min(users_per_batch, ids.size() - done));
    const auto committed = commits.commit(work, system_now());
    if (!committed) {
      return error{errc::storage_failed, committed.error().message + added_before(done)};
    }
    progress(done + work.added());
    const bool stopped = work.added() < std::min(users_per_batch, ids.size() - done);
    if (stopped) {
      const std::uint64_t added = done + work.added();
      return error{errc::already_exists,
                   "user " + ids.at(added) + " exists already" + added_before(added)};
    }
  }
  return {};
}

}  // namespace factord::storage
