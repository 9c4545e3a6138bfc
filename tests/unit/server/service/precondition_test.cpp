#include <chrono>
#include <ostream>
#include <string>
#include <vector>

#include "server/service/entity_tags.hpp"
#include "tests/unit/support/service_fixture.hpp"

namespace factord::service::precondition_test {
namespace {

using enum operation;

TEST(entity_tags, match_what_was_named_and_never_nobody) {
  entity_tags tags;
  EXPECT_FALSE(tags.given());
  EXPECT_FALSE(tags.match(7));
  for (std::uint64_t i = 1; i <= entity_tags::most; ++i) EXPECT_TRUE(tags.add(i * 2)) << i;
  EXPECT_FALSE(tags.add(1)) << "one too many";
  EXPECT_TRUE(tags.match(2));
  EXPECT_TRUE(tags.match(entity_tags::most * 2));
  EXPECT_FALSE(tags.match(3));
  tags.clear();
  EXPECT_FALSE(tags.given());
  EXPECT_FALSE(tags.match(2));
  EXPECT_TRUE(tags.add(0)) << "a tag of somebody else's";
  EXPECT_TRUE(tags.given());
  EXPECT_FALSE(tags.match(0));
  tags.add_any();
  EXPECT_TRUE(tags.match(7));
  EXPECT_FALSE(tags.match(0));
}

// The users' last events: "u1" of org1 with the factor 3, "u2" of org2 without one 5, "gone", of
// org2 and removed, 8.
constexpr std::uint64_t of_u1 = 3;
constexpr std::uint64_t of_u2 = 5;
constexpr std::uint64_t of_gone = 8;
const std::vector<std::uint64_t> any = {};

class precondition : public service_fixture {
 protected:
  void SetUp() override {
    add_user("u1", "org1");
    add_factor("u1");
    add_user("u2", "org2");
    add_user("gone", "org2");
    call& removal = make(delete_user, {}, "gone");
    removal.who.trusted = true;
    EXPECT_EQ(ask(removal).details.sequence, of_gone);
  }

  /// A write if the user is as one of these says; of `any`: if there is one.
  call& make_if(const std::vector<std::uint64_t>& tags, operation op, std::string_view by,
                std::string_view user) {
    call& pending = make(op, by, user);
    if (tags.empty()) pending.in.tags.add_any();
    for (const std::uint64_t tag : tags) EXPECT_TRUE(pending.in.tags.add(tag));
    return pending;
  }
};

struct match_case {
  std::string_view what;
  operation op;
  std::vector<std::uint64_t> tags;
  std::string_view target;
  role granted;
  std::string_view org;
  std::string_view error_id;  ///< empty for 200
};

void PrintTo(const match_case& one, std::ostream* out) { *out << one.what; }

constexpr std::string_view mismatch = "FACTORD-Match";
constexpr std::string_view denied = "AUTH-AWfge";
constexpr role owner = role::iam_owner;
constexpr role of_org = role::org_owner;

const match_case match_cases[] = {
    {"as it is", remove_otp_email, {of_u1}, "u1", owner, "", ""},
    {"one of some", remove_otp_email, {1, 2, of_u1}, "u1", owner, "", ""},
    {"any", remove_otp_email, any, "u1", owner, "", ""},
    {"as it was", remove_otp_email, {2}, "u1", owner, "", mismatch},
    {"as it will be", remove_otp_email, {9}, "u1", owner, "", mismatch},
    {"as another user is", remove_otp_email, {of_u2}, "u1", owner, "", mismatch},
    {"a tag of another kind", remove_otp_email, {0}, "u1", owner, "", mismatch},
    {"every call: lock", lock_user, {of_u2}, "u1", owner, "", mismatch},
    {"delete", delete_user, {of_u2}, "u1", owner, "", mismatch},
    {"add", add_otp_email, {of_u1}, "u2", owner, "", mismatch},
    {"verify", verify_email, {of_u1}, "u2", owner, "", mismatch},
    {"resend", resend_email_code, {of_u1}, "u2", owner, "", mismatch},
    // Before what the decision itself finds.
    {"no factor, as it was", remove_otp_email, {4}, "u2", owner, "", mismatch},
    {"no factor, as it is", remove_otp_email, {of_u2}, "u2", owner, "", "COMMAND-b312D"},
    {"not locked, as it was", unlock_user, {4}, "u2", owner, "", mismatch},
    {"not locked, as it is", unlock_user, {of_u2}, "u2", owner, "", "COMMAND-olb9vb0oca"},
    {"nobody, any", remove_otp_email, any, "nobody", owner, "", mismatch},
    {"nobody", lock_user, {1}, "nobody", owner, "", mismatch},
    {"removed, any", lock_user, any, "gone", owner, "", "COMMAND-450yxuqrh1"},
    {"removed, as it is", lock_user, {of_gone}, "gone", owner, "", "COMMAND-450yxuqrh1"},
    {"removed, as it was", lock_user, {7}, "gone", owner, "", mismatch},
    // Behind permission, which it says nothing of.
    {"own org", lock_user, {of_u2}, "u2", of_org, "org2", ""},
    {"own org, as it was", lock_user, {4}, "u2", of_org, "org2", mismatch},
    {"another org, as it is", lock_user, {of_u2}, "u2", of_org, "org1", denied},
    {"another org, as it was", lock_user, {4}, "u2", of_org, "org1", denied},
    {"another org's factor", remove_otp_email, {1}, "u1", of_org, "org2", denied},
    {"another org, no factor", remove_otp_email, {1}, "u2", of_org, "org1", denied},
    {"no right at all", lock_user, {1}, "u1", role::iam_owner_viewer, "", denied},
    // Who was removed elsewhere is as nobody is.
    {"removed elsewhere, any", lock_user, any, "gone", of_org, "org1", mismatch},
    {"removed elsewhere", remove_otp_email, {of_gone}, "gone", of_org, "org1", mismatch},
    {"nobody, to an org", lock_user, any, "nobody", of_org, "org1", mismatch},
};

class matches : public precondition, public ::testing::WithParamInterface<match_case> {};

TEST_P(matches, hold_or_end_the_call_with_nothing_done) {
  const match_case& one = GetParam();
  const std::string by = token("x", {one.granted}, one.org);
  const std::uint64_t before = last_sequence();
  const answer& done = ask(make_if(one.tags, one.op, by, one.target));
  EXPECT_EQ(done.error_id, one.error_id);
  EXPECT_EQ(last_sequence() - before, one.error_id.empty() ? 1 : 0);
  if (one.error_id == mismatch) {
    EXPECT_EQ(done.code, status_code::failed_precondition);
  }
}

INSTANTIATE_TEST_SUITE_P(table, matches, ::testing::ValuesIn(match_cases));

// Of a user who is to be added.
TEST_F(precondition, of_a_new_user_is_on_who_has_the_id) {
  const std::string by = token("x", {of_org}, "org1");
  const auto add = [&](const std::vector<std::uint64_t>& tags, std::string_view id,
                       std::string_view org) {
    call& pending = make_if(tags, add_human_user, by, id);
    pending.in.org = org;
    pending.in.username = "new";
    pending.in.email = "new@example.org";
    return std::string(ask(pending).error_id);
  };
  EXPECT_EQ(add({of_u1}, "u1", "org2"), "AUTH-5mWD2") << "permission comes first";
  EXPECT_EQ(add({of_u1}, "u1", "org1"), "COMMAND-7yiox1isql");
  EXPECT_EQ(add(any, "u1", "org1"), "COMMAND-7yiox1isql");
  EXPECT_EQ(add({2}, "u1", "org1"), mismatch);
  EXPECT_EQ(add(any, "new", "org1"), mismatch);
  EXPECT_EQ(add(any, "", "org1"), mismatch) << "an id that is yet to be given";
}

TEST_F(precondition, sees_what_was_done_in_one_batch) {
  const std::string by = admin();
  const auto status_of = [](const call* pending) { return std::string(pending->out.error_id); };
  // Another's event in between is none of u1's.
  std::vector<call*> works = {&make_if({of_u1}, lock_user, by, "u1"),
                              &make_if({of_u2}, lock_user, by, "u2"),
                              &make_if({of_u1}, remove_otp_email, by, "u1"),
                              &make_if({last_sequence() + 1}, remove_otp_email, by, "u1"),
                              &make_if(any, unlock_user, by, "u1")};
  for (call* pending : works) users_->start(*pending);
  ASSERT_TRUE(queue_->run_batch(now_));
  EXPECT_FALSE(queue_->run_batch(now_)) << "all were in one batch";
  EXPECT_EQ(status_of(works[0]), "");
  EXPECT_EQ(status_of(works[1]), "");
  EXPECT_EQ(status_of(works[2]), mismatch);
  EXPECT_EQ(status_of(works[3]), "");
  EXPECT_EQ(status_of(works[4]), "");
}

// Somebody else's commit came first: the batch is decided again, and so is what it is on.
TEST_F(precondition, is_judged_again_where_the_batch_is) {
  storage::memory_engine there{store_.shared()};
  storage::commit_queue others{there, {}, {}, 1};
  storage::retry_rules rules;
  rules.pause = [&](std::chrono::microseconds) { EXPECT_TRUE(others.run_batch(now_)); };
  storage::commit_queue ours{store_, {}, {}, 1, rules};
  call& pending = make_if({of_u1}, remove_otp_email, {}, "u1");
  call& lock = make(lock_user, {}, "u1");
  pending.who.trusted = lock.who.trusted = true;
  ASSERT_EQ(ours.submit(pending), storage::submit_status::accepted);
  ASSERT_EQ(others.submit(lock), storage::submit_status::accepted);
  // It was so when it was decided first.
  store_.refuse_commits(1, storage::commit_status::conflict);
  ASSERT_TRUE(ours.run_batch(now_));
  EXPECT_EQ(lock.out.code, status_code::ok);
  EXPECT_EQ(pending.out.error_id, mismatch);
  EXPECT_EQ(pending.out.details.sequence, 0U) << "nothing of an earlier attempt stays";
}

TEST_F(precondition, costs_no_look_up_who_has_none) {
  storage::state_table table;
  make(remove_otp_email, admin(), "u1").list_keys(table);
  EXPECT_FALSE(table.wants_last_events());
  EXPECT_EQ(table.size(), 1U);
}

TEST_F(precondition, of_reads_says_whether_anything_is_new) {
  const std::string by = admin();
  for (const operation op : {get_user, list_method_types, list_factors}) {
    SCOPED_TRACE(traits(op).name);
    EXPECT_EQ(ask(op, by, "u1").details.sequence, of_u1);
    EXPECT_FALSE(ask(op, by, "u1").not_modified);
    EXPECT_TRUE(ask(make_if({1, of_u1}, op, by, "u1")).not_modified);
    EXPECT_TRUE(ask(make_if(any, op, by, "u1")).not_modified);
    const answer& changed = ask(make_if({2}, op, by, "u1"));
    EXPECT_FALSE(changed.not_modified);
    EXPECT_EQ(changed.details.sequence, of_u1);
  }
  for (const operation op : {list_method_types, list_factors}) {
    EXPECT_EQ(ask(op, by, "gone").details.sequence, of_gone);
    EXPECT_EQ(ask(op, by, "nobody").details.sequence, 0U);
    EXPECT_FALSE(ask(make_if(any, op, by, "nobody")).not_modified);
    const answer& elsewhere = ask(make_if(any, op, token("x", {of_org}, "org1"), "gone"));
    EXPECT_EQ(elsewhere.code, status_code::ok);
    EXPECT_EQ(elsewhere.details.sequence, 0U) << "to others it was nobody";
    EXPECT_FALSE(elsewhere.not_modified);
  }
}

}  // namespace
}  // namespace factord::service::precondition_test
