#include "server/service/credentials/subject.hpp"

#include <string>
#include <vector>

#include "server/service/token_bootstrap.hpp"
#include "storage/commit/single_commits.hpp"
#include "tests/support/quiet_service.hpp"
#include "tests/unit/server/service/credentials/jwt_fixture.hpp"

/// Whose user it is that has the id of a credential's subject: ids are chosen by who adds users.
namespace factord::service::subject_test {
namespace {

/// Who does something: of all organizations, or of org1 alone.
enum class hand : bool { everywhere, org1 };

struct row {
  hand makes;
  std::vector<hand> then;  ///< locks it, unlocks it, locks it, ...
  std::string roles;       ///< a JWT's, beside which there is the token of our own
  role_set own;
  std::string org;  ///< of the token of our own
  bool barred;
};

constexpr hand all = hand::everywhere;
constexpr hand one = hand::org1;

const std::vector<row>& table() {
  using enum role;
  static const std::vector<row> rows{
      // Whom an organization's manager made and locked is nobody who may more than there.
      {one, {one}, R"(["iam"])", {iam_owner}, "", false},
      {one, {one}, R"(["iam-viewer"])", {iam_owner_viewer}, "", false},
      {one, {one}, R"({"owner":{"org2":"x"}})", {org_owner}, "org2", false},
      {one, {one}, R"(["iam"])", {iam_owner, org_owner}, "org1", false},
      {one, {one}, R"({"viewer":{"org1":"x","org2":"x"}})", {org_owner_viewer}, "org2", false},
      // Within it he bars whom he likes, and who may nothing but act for himself.
      {one, {one}, R"({"owner":{"org1":"x"}})", {org_owner}, "org1", true},
      {one, {one}, "[]", {}, "", true},
      // Where one from beyond made it, or gave it its state, it counts beyond.
      {all, {one}, R"(["iam"])", {iam_owner}, "", true},
      {all, {one}, R"({"owner":{"org2":"x"}})", {org_owner}, "org2", true},
      {one, {all}, R"(["iam"])", {iam_owner}, "", true},
      {one, {one, all, one}, R"(["iam"])", {iam_owner}, "", false},
      {all, {one, one, one}, R"(["iam"])", {iam_owner}, "", true},
      {one, {one, one, one}, R"(["iam"])", {iam_owner}, "", false},
      {all, {all, one}, R"(["iam"])", {iam_owner}, "", false},  // and unlocked again
  };
  return rows;
}

class subject_of : public testing::jwt_fixture {
 protected:
  subject_of() { admin(); }

  std::string by(hand whose) {
    return whose == all ? admin() : token("manager", {role::org_user_manager}, "org1");
  }
  void make(std::string_view id, hand whose) {
    call& pending = service_fixture::make(operation::add_human_user, by(whose), id);
    pending.in.org = "org1";
    pending.in.username = pending.in.email = std::string(id) + "@x.example";
    pending.in.person.set_given_name("N");
    pending.in.person.set_family_name("N");
    EXPECT_EQ(ask(pending).code, status_code::ok);
  }
  void change(std::string_view id, const std::vector<hand>& hands) {
    for (std::size_t i = 0; i < hands.size(); ++i)
      EXPECT_EQ(ask(step(i), by(hands[i]), id).code, status_code::ok);
  }
  /// By another server on the same store.
  void change_elsewhere(std::string_view id, const std::vector<hand>& hands) {
    for (std::size_t i = 0; i < hands.size(); ++i) {
      call pending(0);
      pending.op = step(i);
      pending.in.user_id = id;
      pending.in.has_authorization = true;
      pending.in.authorization = "Bearer " + by(hands[i]);
      EXPECT_EQ(other_.ask(pending).code, status_code::ok);
    }
  }
  static operation step(std::size_t i) {
    return i % 2 == 0 ? operation::lock_user : operation::unlock_user;
  }
  bool is_barred(const std::string& shown) {
    return ask(operation::get_user, shown, "nobody").code == status_code::unauthenticated;
  }

  storage::memory_engine there_{store_.shared()};
  quiet_service other_{there_, draw_};
};

TEST_F(subject_of, a_credential_is_no_user_that_strangers_made) {
  int count = 0;
  for (const row& tried : table()) {
    const std::string id = "s" + std::to_string(count++);
    const std::string own = token(id, tried.own, tried.org);
    const std::string issued = jwt(id, R"("roles":)" + tried.roles);
    make(id, tried.makes);
    change(id, tried.then);
    EXPECT_EQ(is_barred(own), tried.barred) << id;
    EXPECT_EQ(is_barred(issued), tried.barred) << id;
  }
}

// Found good before: a decision asks again, by the states that it loads.
TEST_F(subject_of, a_decision_says_the_same) {
  int count = 0;
  for (const row& tried : table()) {
    const std::string id = "s" + std::to_string(count++);
    const std::string own = token(id, tried.own, tried.org);
    const std::string issued = jwt(id, R"("roles":)" + tried.roles);
    make(id, tried.makes);
    for (const std::string& shown : {own, issued}) EXPECT_FALSE(is_barred(shown)) << id;
    change_elsewhere(id, tried.then);
    for (const std::string& shown : {own, issued}) {
      const status_code told = ask(operation::remove_otp_email, shown, id).code;
      EXPECT_EQ(told == status_code::unauthenticated, tried.barred) << id;
    }
  }
}

TEST_F(subject_of, a_removal_by_strangers_takes_no_token_away_and_no_right_to_one) {
  const std::string own = token("planted", {role::iam_owner});
  const std::string issued = jwt("planted", R"("roles":["iam"])");
  make("planted", one);
  EXPECT_EQ(ask(operation::delete_user, by(one), "planted").code, status_code::ok);
  EXPECT_FALSE(is_barred(own));
  EXPECT_FALSE(is_barred(issued));
  EXPECT_FALSE(is_barred(token("planted", {role::iam_owner_viewer})));
  EXPECT_TRUE(is_barred(jwt("planted", R"("roles":{"owner":{"org1":"x"}})")));

  // Nor from the server's own start.
  bootstrap_grant grant{"planted", {role::iam_owner}, ""};
  token_bootstrap command{grant, "text", 0};
  storage::single_commits commits{store_};
  ASSERT_TRUE(commits.commit(command, now_));
  EXPECT_EQ(command.outcome().value(), bootstrap_outcome::created);
}

// Whoever is in the way within the organization, a bar from beyond is not refused for it.
TEST_F(subject_of, who_is_barred_within_an_org_is_barred_from_beyond) {
  using enum operation;
  int count = 0;
  for (const operation first : {lock_user, deactivate_user, delete_user}) {
    for (const operation second : {lock_user, deactivate_user, delete_user}) {
      const std::string id = "s" + std::to_string(count++);
      const std::string own = token(id, {role::iam_owner});
      const std::string issued = jwt(id, R"("roles":["iam"])");
      make(id, one);
      EXPECT_EQ(ask(first, by(one), id).code, status_code::ok);
      EXPECT_FALSE(is_barred(own) || is_barred(issued));
      EXPECT_NE(ask(first, by(one), id).code, status_code::ok) << "to them it is what it is";
      const bool gone = first == delete_user && second != delete_user;
      EXPECT_EQ(ask(second, by(all), id).code, gone ? status_code::not_found : status_code::ok);
      EXPECT_EQ(is_barred(own), !gone) << id;
      EXPECT_EQ(is_barred(issued), !gone) << id;
      EXPECT_NE(ask(second, by(all), id).code, status_code::ok) << "once";
    }
  }
}

TEST_F(subject_of, a_bar_from_beyond_is_of_one_that_is_there) {
  make("known", all);
  EXPECT_EQ(ask(operation::lock_user, by(one), "known").code, status_code::ok);
  EXPECT_EQ(ask(operation::lock_user, by(all), "known").code, status_code::failed_precondition);
  EXPECT_EQ(ask(operation::delete_user, by(one), "known").code, status_code::ok);
  EXPECT_EQ(ask(operation::delete_user, by(all), "known").code, status_code::not_found);
}

TEST_F(subject_of, nobody_is_who_acts_over_the_admin_socket) {
  call& added = service_fixture::make(operation::add_human_user, admin(), system_user);
  added.in.org = "org1";
  added.in.username = added.in.email = "x@x.example";
  added.in.person.set_given_name("N");
  added.in.person.set_family_name("N");
  EXPECT_EQ(ask(added).message, "Errors.User.AlreadyExisting");
  call& made = service_fixture::make(operation::create_token, {}, system_user);
  made.who.trusted = true;
  EXPECT_EQ(ask(made).code, status_code::invalid_argument);
}

TEST_F(subject_of, a_token_of_a_removed_one_is_made_by_nobody) {
  for (const hand whose : {all, one}) {
    const std::string id = whose == all ? "known" : "within";
    make(id, whose);
    EXPECT_EQ(ask(operation::delete_user, by(whose), id).code, status_code::ok);
    call& pending = service_fixture::make(operation::create_token, {}, id);
    pending.who.trusted = true;
    pending.in.roles.add(role::org_owner);
    pending.in.org = "org1";
    EXPECT_EQ(ask(pending).code, status_code::failed_precondition) << id;
  }
}

TEST_F(subject_of, a_token_is_of_the_org_of_its_user_and_not_of_a_strangers) {
  make("ours", all);
  make("planted", one);
  const auto owner = [this](std::string_view id) {
    call& pending = service_fixture::make(operation::create_token, {}, id);
    pending.who.trusted = true;
    pending.in.roles.add(role::iam_owner);
    return ask(pending).details.resource_owner;
  };
  EXPECT_EQ(owner("ours"), "org1");
  EXPECT_EQ(owner("planted"), "");
}

}  // namespace
}  // namespace factord::service::subject_test
