#include "storage/model/evolve.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/model/keys.hpp"
#include "tests/unit/storage/commit/commands.hpp"

namespace factord::storage::evolve_test {
namespace {

using testing::event_of;
using testing::human_added;
using testing::token_event;

class evolve_test : public ::testing::Test {
 protected:
  void apply(event_record event) {
    event.set_created_at(++clock_);
    list_evolve_keys(event, table_);
    list_freed_keys(event, table_);
    evolve(event, table_);
  }
  void apply(event_type type) { apply(event_of(type, "7")); }

  user_record user(std::string_view id = "7") {
    set_user_key(key_, id);
    user_record record;
    EXPECT_TRUE(record.ParseFromString(std::string{table_.get(key_).value_or("no record \xFF")}));
    return record;
  }
  bool has_factor() {
    set_factor_key(key_, "7", factor_type::otp_email);
    return table_.get(key_).has_value();
  }
  std::optional<std::string> owner_of_name(std::string_view name) {
    set_username_key(key_, "org1", name);
    const auto bytes = table_.get(key_);
    if (!bytes) return std::nullopt;
    username_record record;
    EXPECT_TRUE(record.ParseFromString(std::string{*bytes}));
    std::string all;
    for (const std::string& id : record.user_ids()) all += (all.empty() ? "" : " ") + id;
    return all;
  }

  state_table table_;
  std::string key_;
  std::int64_t clock_ = 0;
};

TEST_F(evolve_test, human_added_makes_a_user_and_takes_a_name) {
  apply(human_added("7", "ada"));
  const user_record made = user();
  EXPECT_EQ(made.state(), USER_STATE_ACTIVE);
  EXPECT_EQ(made.resource_owner(), "org1");
  EXPECT_EQ(made.username(), "ada");
  EXPECT_EQ(made.person().given_name(), "Ada");
  EXPECT_EQ(made.email(), "7@example.org");
  EXPECT_FALSE(made.email_verified());
  EXPECT_EQ(made.created_at(), 1);
  EXPECT_EQ(owner_of_name("ada"), "7");
}

TEST_F(evolve_test, a_name_is_taken_without_regard_to_case) {
  apply(human_added("7", "Ada \u00C9"));
  EXPECT_EQ(user().username(), "Ada \u00C9");
  EXPECT_EQ(owner_of_name("ADA \u00E9"), "7");
  apply(event_type::removed);
  EXPECT_EQ(owner_of_name("ada \u00E9"), std::nullopt);
}

TEST_F(evolve_test, names_of_before_that_differ_in_case_are_shared) {
  apply(human_added("9", "ada"));
  apply(human_added("7", "Ada"));
  apply(human_added("8", "ADA"));
  EXPECT_EQ(owner_of_name("aDa"), "7 8 9") << "in the order of their ids";
  apply(event_of(event_type::removed, "8"));
  EXPECT_EQ(owner_of_name("ada"), "7 9");
  apply(event_of(event_type::removed, "8"));
  apply(event_of(event_type::removed, "7"));
  apply(event_of(event_type::removed, "9"));
  EXPECT_EQ(owner_of_name("ada"), std::nullopt);
}

TEST_F(evolve_test, format_1_has_names_as_they_were_given) {
  for (const event_record& event : {human_added("7", "Ada"), event_of(event_type::removed, "7")}) {
    list_evolve_keys(event, table_, store_format::first);
    list_freed_keys(event, table_, store_format::first);
    evolve(event, table_, store_format::first);
    set_username_key(key_, "org1", "Ada", store_format::first);
    EXPECT_EQ(key_, std::string("norg1\0Ada", 9));
    EXPECT_EQ(table_.get(key_).has_value(), event.type() == 1);
  }
}

TEST_F(evolve_test, codes_are_kept_counted_and_cleared) {
  apply(human_added("7"));
  event_record code = event_of(event_type::email_code_added, "7");
  code.mutable_private_part()->set_email_code_hash("hash");
  apply(code);
  EXPECT_EQ(user().email_code_hash(), "hash");
  EXPECT_EQ(user().email_code_created_at(), 2);
  EXPECT_EQ(user().email_code_expires_at(), 0) << "events did not always say";

  apply(event_type::email_verification_failed);
  apply(event_type::email_verification_failed);
  EXPECT_EQ(user().email_code_failures(), 2U);
  code.mutable_private_part()->set_email_code_expires_at(7'000);
  apply(code);
  EXPECT_EQ(user().email_code_failures(), 0U);
  EXPECT_EQ(user().email_code_expires_at(), 7'000);

  apply(event_type::email_verification_failed);
  apply(event_type::email_verified);
  EXPECT_TRUE(user().email_verified());
  EXPECT_EQ(user().email_code_hash(), "");
  EXPECT_EQ(user().email_code_created_at(), 0);
  EXPECT_EQ(user().email_code_expires_at(), 0);
  EXPECT_EQ(user().email_code_failures(), 0U);
}

TEST_F(evolve_test, the_state_of_a_user_follows_its_events) {
  struct step {
    event_type type;
    user_state expected;
  };
  constexpr step steps[] = {{event_type::locked, USER_STATE_LOCKED},
                            {event_type::unlocked, USER_STATE_ACTIVE},
                            {event_type::deactivated, USER_STATE_INACTIVE},
                            {event_type::reactivated, USER_STATE_ACTIVE},
                            {event_type::removed, USER_STATE_DELETED}};
  apply(human_added("7"));
  for (const step& next : steps) {
    apply(next.type);
    EXPECT_EQ(user().state(), next.expected) << name(next.type);
  }
}

TEST_F(evolve_test, a_user_tells_how_far_who_made_it_and_gave_it_its_state_may) {
  const auto within = [](event_record event) {
    event.mutable_private_part()->set_within_org(true);
    return event;
  };
  for (const event_type next : {event_type::locked, event_type::unlocked, event_type::deactivated,
                                event_type::reactivated, event_type::removed}) {
    apply(within(human_added("7")));
    apply(event_type::email_verified);
    EXPECT_TRUE(user().made_within_org() && user().state_within_org());
    apply(next);
    EXPECT_TRUE(user().made_within_org());
    EXPECT_FALSE(user().state_within_org()) << name(next);
    apply(within(event_of(next, "7")));
    EXPECT_TRUE(user().state_within_org()) << name(next);
    apply(human_added("7"));
    apply(within(event_of(next, "7")));
    EXPECT_FALSE(user().made_within_org());
    EXPECT_TRUE(user().state_within_org());
  }
}

TEST_F(evolve_test, a_factor_is_there_between_its_events_and_carries_the_owner) {
  apply(event_type::otp_email_added);
  ASSERT_TRUE(has_factor());
  factor_record factor;
  ASSERT_TRUE(factor.ParseFromString(std::string{*table_.get(key_)}));
  EXPECT_EQ(factor.resource_owner(), "org1");
  apply(event_type::otp_email_removed);
  EXPECT_FALSE(has_factor());
  apply(event_type::otp_email_added);
  EXPECT_TRUE(has_factor());
}

TEST_F(evolve_test, a_removed_user_keeps_its_row_and_nothing_else) {
  apply(human_added("7", "ada"));
  apply(event_type::otp_email_added);
  apply(event_type::removed);
  EXPECT_EQ(user().state(), USER_STATE_DELETED);
  EXPECT_EQ(user().username(), "ada");
  EXPECT_FALSE(has_factor());
  EXPECT_EQ(owner_of_name("ada"), std::nullopt);
}

TEST_F(evolve_test, a_second_removal_does_not_free_a_name_that_another_user_took) {
  apply(human_added("7", "ada"));
  apply(event_type::removed);
  apply(human_added("8", "ada"));
  apply(event_type::removed);
  EXPECT_EQ(owner_of_name("ada"), "8");
}

TEST_F(evolve_test, tokens_are_kept_under_their_hash) {
  const std::string hash(32, '\x81');
  event_record added = token_event(event_type::token_added, "7", hash);
  added.mutable_payload()->set_org("org2");
  added.mutable_payload()->set_expires_at(99);
  apply(added);
  set_token_key(key_, hash);
  token_record token;
  ASSERT_TRUE(token.ParseFromString(std::string{table_.get(key_).value()}));
  EXPECT_EQ(token.token_id(), "token of 7");
  EXPECT_EQ(token.subject(), "7");
  ASSERT_EQ(token.roles_size(), 1);
  EXPECT_EQ(token.roles(0), "IAM_OWNER");
  EXPECT_EQ(token.org(), "org2");
  EXPECT_EQ(token.expires_at(), 99);
  EXPECT_EQ(token.created_at(), 1);
  set_token_id_key(key_, "token of 7");
  EXPECT_EQ(table_.get(key_), hash);

  apply(token_event(event_type::token_removed, "7", hash));
  set_token_key(key_, hash);
  EXPECT_EQ(table_.get(key_), std::nullopt);
  set_token_id_key(key_, "token of 7");
  EXPECT_EQ(table_.get(key_), std::nullopt);
}

TEST_F(evolve_test, format_1_has_no_token_ids) {
  constexpr auto format = store_format::first;
  for (const event_type type : {event_type::token_added, event_type::token_removed}) {
    const event_record event = token_event(type, "7", std::string(32, '\x99'));
    list_evolve_keys(event, table_, format);
    evolve(event, table_, format);
  }
  EXPECT_EQ(table_.size(), 1U) << "the token alone";
}

TEST_F(evolve_test, events_on_a_user_that_is_not_there_make_none) {
  for (std::uint32_t number = 2; number <= event_type_count; ++number) {
    apply(static_cast<event_type>(number));
  }
  set_user_key(key_, "7");
  EXPECT_EQ(table_.get(key_), std::nullopt);
}

TEST_F(evolve_test, unknown_types_change_nothing) {
  apply(static_cast<event_type>(0));
  apply(static_cast<event_type>(event_type_count + 1));
  EXPECT_EQ(table_.size(), 0U);
}

TEST_F(evolve_test, equal_histories_give_equal_bytes) {
  const std::vector<event_record> history{
      human_added("7"), event_of(event_type::email_verified, "7"),
      event_of(event_type::locked, "7"),
      token_event(event_type::token_added, "7", std::string(32, 't'))};
  state_table twin;
  for (int turn = 0; turn < 2; ++turn) {
    state_table& table = turn == 0 ? table_ : twin;
    for (const event_record& event : history) {
      list_evolve_keys(event, table);
      evolve(event, table);
    }
  }
  ASSERT_EQ(table_.size(), twin.size());
  for (std::size_t i = 0; i < twin.size(); ++i)
    EXPECT_EQ(table_.record(i), twin.get(table_.key(i)));
}

}  // namespace
}  // namespace factord::storage::evolve_test
