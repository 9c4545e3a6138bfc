#include "server/service/credentials/json_web_token.hpp"

#include <vector>

#include "server/base/log.hpp"
#include "storage/engine/wait_for.hpp"
#include "tests/support/quiet_service.hpp"
#include "tests/unit/server/service/credentials/jwt_fixture.hpp"

namespace factord::service::json_web_token_test {
namespace {

using factord::testing::jwt_signer;
using std::chrono::milliseconds;
using std::chrono::seconds;

class json_web_token : public testing::jwt_fixture {
 protected:
  json_web_token() {
    add_user("u1", "org1");
    admin();
  }

  static constexpr std::string_view of_all = R"("roles":["iam"])";

  status_code code_of(const std::string& token) {
    return ask(operation::get_user, token, "u1").code;
  }
  /// The kind alone, and what it costs: each look at the clock takes `step_`.
  judgement judge(json_web_tokens& kind, const std::string& token) {
    const storage::digest hash = hasher_.of(token);
    return *storage::wait_for<judgement>([&](auto done) {
      kind.judge({token, hash}, std::move(done));
    });
  }

  const std::function<timestamp()> wall_ = [this] { return now_; };
  milliseconds step_{0};
  const json_web_tokens::steady_clock steady_ = [this] { return steady_now_ += step_; };
  storage::sha256 hasher_;
};

TEST_F(json_web_token, a_good_one_tells_its_subject_and_grants_and_the_epoch_of_that) {
  json_web_tokens kind(store_, issuers, wall_, steady_);
  const judgement judged =
      judge(kind, jwt("u1", R"("roles":{"owner":{"1":"x"},"viewer":{"1":"x","2":"y"}})"));
  ASSERT_TRUE(judged.found);
  const caller& who = judged.found->who;
  EXPECT_EQ(who.user_id, "u1");
  EXPECT_FALSE(who.trusted);
  ASSERT_EQ(who.grants.size(), 2U);
  EXPECT_EQ(who.grants[0].org, "1");
  EXPECT_TRUE(who.grants[0].roles.contains(role::org_owner));
  EXPECT_TRUE(who.grants[0].roles.contains(role::org_owner_viewer));
  EXPECT_EQ(who.grants[1].org, "2");
  EXPECT_FALSE(who.grants[1].roles.contains(role::org_owner));
  EXPECT_EQ(judged.found->expires_at, now_ + seconds(60));
  EXPECT_EQ(judged.found->stands.keys, &keys);
  EXPECT_EQ(judged.token_epoch, ask(operation::list_method_types, admin(), "u1").head.token_epoch);
}

TEST_F(json_web_token, stands_beside_our_own) {
  EXPECT_EQ(code_of(jwt("machine", of_all)), status_code::ok);
  EXPECT_EQ(code_of(admin()), status_code::ok);
  EXPECT_EQ(code_of("unknown"), status_code::unauthenticated);
  EXPECT_EQ(counted(auth_failure::unknown), 1U);
}

struct bad_token {
  std::string token;
  auth_failure why;
};

TEST_F(json_web_token, every_bad_one_is_answered_as_any_bad_token_is) {
  const jwt_signer strange(jwt::algorithm::eddsa, "a");
  const jwt_signer unknown(jwt::algorithm::eddsa, "b");
  const std::vector<bad_token> table{
      {"e..", auth_failure::format},
      {pair.sign(R"({"alg":"none","kid":"a"})", payload("m")), auth_failure::format},
      {pair.sign(R"({"alg":"EdDSA","kid":"a","crit":[]})", payload("m")), auth_failure::format},
      {jwt("m", R"("aud":"others")"), auth_failure::format},
      {jwt("m", R"("nbf":)" + at(61)), auth_failure::claims},
      {jwt(""), auth_failure::claims},
      {jwt("m", R"("roles":7)"), auth_failure::claims},
      {jwt("SYSTEM", of_all), auth_failure::claims},
      {jwt("m", of_all, 0), auth_failure::expired},
      {unknown.sign(payload("m")), auth_failure::key},
      {pair.sign(R"({"alg":"ES256","kid":"a"})", payload("m")), auth_failure::key},
      {strange.sign(payload("m", of_all)), auth_failure::signature},
  };
  for (const bad_token& bad : table) {
    const std::uint64_t before = counted(bad.why);
    for (int i = 1; i <= 2; ++i) {
      const answer& refused = ask(operation::get_user, bad.token, "u1");
      EXPECT_EQ(refused.code, status_code::unauthenticated) << bad.token;
      EXPECT_EQ(refused.message, "Errors.Token.Invalid") << bad.token;
      EXPECT_EQ(refused.error_id, "AUTH-7fs1e") << bad.token;
      EXPECT_EQ(counted(bad.why), before + static_cast<std::uint64_t>(i)) << bad.token;
    }
  }
}

TEST_F(json_web_token, the_log_names_the_rule_and_not_the_token) {
  std::string lines;
  log::set_level(log::level::debug);
  log::set_sink([&](log::level, std::string_view line) {
    lines.append(line).append("\n");
    return true;
  });
  const std::string late = jwt("m", R"("nbf":)" + at(61));
  EXPECT_EQ(code_of(late), status_code::unauthenticated);
  log::set_level(log::level::info);
  EXPECT_EQ(code_of(late), status_code::unauthenticated);
  log::set_sink({});
  EXPECT_NE(lines.find(R"("reason":"claims","rule":"too_early")"), std::string::npos) << lines;
  EXPECT_EQ(lines.find(late), std::string::npos);
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 1);
}

TEST_F(json_web_token, ends_at_its_end_also_where_it_is_known) {
  const std::string token = jwt("m", of_all);
  EXPECT_EQ(code_of(token), status_code::ok);
  now_ += seconds(60) - std::chrono::microseconds(1);
  EXPECT_EQ(code_of(token), status_code::ok);
  now_ += std::chrono::microseconds(1);
  EXPECT_EQ(code_of(token), status_code::unauthenticated);
  EXPECT_EQ(counted(auth_failure::expired), 1U);
}

TEST_F(json_web_token, a_subject_that_is_barred_bars_it) {
  const std::string token = jwt("u1", of_all);
  EXPECT_EQ(code_of(token), status_code::ok);
  for (const auto& [bar, back] :
       {std::pair{operation::lock_user, operation::unlock_user},
        std::pair{operation::deactivate_user, operation::reactivate_user}}) {
    ask(bar, admin(), "u1");
    EXPECT_EQ(code_of(token), status_code::unauthenticated);
    ask(back, admin(), "u1");
    EXPECT_EQ(code_of(token), status_code::ok);
  }
  EXPECT_EQ(counted(auth_failure::inactive_subject), 2U);
}

// Where another server has barred it, which shows when the write is decided.
TEST_F(json_web_token, and_writes_nothing_more) {
  add_user("u2", "org1");
  add_factor("u2");
  const std::string token = jwt("u1", of_all);
  EXPECT_EQ(code_of(token), status_code::ok);
  storage::memory_engine there{store_.shared()};
  quiet_service other{there, draw_};
  call lock(0);
  lock.op = operation::lock_user;
  lock.in.user_id = "u1";
  other.order(lock);
  EXPECT_EQ(ask(operation::remove_otp_email, token, "u2").code, status_code::unauthenticated);
  EXPECT_EQ(ask(operation::remove_otp_email, jwt("m", of_all), "u2").code, status_code::ok);
}

TEST_F(json_web_token, a_key_that_goes_takes_its_tokens) {
  const jwt_signer next(jwt::algorithm::es256, "b");
  const std::string token = jwt("m", of_all);
  const std::string later = next.sign(payload("m", of_all));
  EXPECT_EQ(code_of(token), status_code::ok);
  EXPECT_EQ(code_of(later), status_code::unauthenticated);
  EXPECT_TRUE(keys.take_missed());
  use({pair.jwk(), next.jwk()}, false);
  EXPECT_EQ(code_of(token), status_code::ok);
  EXPECT_EQ(code_of(later), status_code::ok);
  use({next.jwk()}, true);
  EXPECT_EQ(code_of(token), status_code::unauthenticated);
  EXPECT_EQ(code_of(later), status_code::ok);
  use({pair.jwk(), next.jwk()}, false);
  EXPECT_EQ(code_of(token), status_code::ok);
}

TEST_F(json_web_token, another_key_of_the_same_name_is_heeded_at_once) {
  const jwt_signer other(jwt::algorithm::eddsa, "a");
  const std::string theirs = other.sign(payload("m", of_all));
  EXPECT_EQ(code_of(theirs), status_code::unauthenticated);
  use({other.jwk()}, true);
  EXPECT_EQ(code_of(theirs), status_code::ok) << "though it was refused just now";
}

TEST_F(json_web_token, without_keys_nobody_can_say) {
  const std::string token = jwt("m", of_all);
  keys.use(nullptr, true);
  const answer& none = ask(operation::get_user, token, "u1");
  EXPECT_EQ(none.code, status_code::unavailable);
  EXPECT_EQ(none.message, "the keys of the token's issuer are not known");
  EXPECT_EQ(counted(refusal_reason::no_keys), 1U);
  EXPECT_EQ(code_of(jwt("m", of_all, 0)), status_code::unauthenticated);
  EXPECT_EQ(code_of(admin()), status_code::ok);
  use({pair.jwk()}, false);
  EXPECT_EQ(code_of(token), status_code::ok);
}

// Bad tokens, each another one, as fast as they come.
TEST_F(json_web_token, signatures_have_their_share_of_time) {
  json_web_tokens kind(store_, issuers, wall_, steady_);
  const jwt_signer strange(jwt::algorithm::eddsa, "a");
  const std::string good = jwt("m", of_all);
  const std::string bad = strange.sign(payload("bad"));
  EXPECT_TRUE(judge(kind, good).found);
  EXPECT_EQ(judge(kind, bad).rule, "signature");
  step_ = milliseconds(1);
  const auto begin = steady_now_;
  milliseconds spent{0};
  bool over = false;
  for (int i = 0; i < 1'000; ++i) {
    const judgement told = judge(kind, strange.sign(payload("m" + std::to_string(i))));
    EXPECT_FALSE(told.found);
    if (told.not_now == hindrance::none) spent += step_;
    over |= told.not_now == hindrance::signatures;
  }
  EXPECT_TRUE(over);
  const auto share = (steady_now_ - begin) / signature_budget::one_in;
  EXPECT_LE(spent, share + signature_budget::burst + step_);
  while (judge(kind, strange.sign(payload(std::to_string(steady_now_.time_since_epoch().count()))))
             .not_now == hindrance::none) {
  }
  step_ = milliseconds(0);
  EXPECT_EQ(judge(kind, jwt("new", of_all)).not_now, hindrance::signatures);
  EXPECT_TRUE(judge(kind, good).found) << "what is known costs none";
  EXPECT_EQ(judge(kind, "e..").rule, "parts") << "nor what is malformed";
  steady_now_ += seconds(1);
  EXPECT_TRUE(judge(kind, jwt("new", of_all)).found);
}

TEST_F(json_web_token, what_is_known_costs_no_signature) {
  json_web_tokens kind(store_, issuers, wall_, steady_);
  const std::string good = jwt("u1", of_all);
  const std::string bad = jwt_signer(jwt::algorithm::eddsa, "a").sign(payload("bad"));
  EXPECT_TRUE(judge(kind, good).found);
  EXPECT_EQ(judge(kind, bad).rule, "signature");
  step_ = milliseconds(100);  // one would take all there is
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(judge(kind, good).found);
    EXPECT_EQ(judge(kind, bad).rule, "signature");
  }
  step_ = milliseconds(0);
  ask(operation::lock_user, admin(), "u1");
  EXPECT_EQ(judge(kind, good).why, auth_failure::inactive_subject);
}

// The service says so, and that it may be tried again.
TEST_F(json_web_token, who_comes_too_late_is_told_to_come_again) {
  environment with{store_,
                   *queue_,
                   token_epoch_,
                   tally_,
                   wall_,
                   steady_,
                   draw_,
                   start_time,
                   [](const std::function<void()>& run) { run(); },
                   [this](call& done) { answered_.push_back(&done); }};
  with.issuers = &issuers;
  users_ = std::make_unique<user_service>(with);
  const auto begin = steady_now_;
  step_ = milliseconds(100);
  EXPECT_EQ(code_of(jwt("first", of_all)), status_code::ok);
  step_ = milliseconds(0);
  steady_now_ = begin;  // and all of that at once
  const answer& late = ask(operation::get_user, jwt("second", of_all), "u1");
  EXPECT_EQ(late.code, status_code::unavailable);
  EXPECT_EQ(late.message, "too many new tokens are to be verified");
  EXPECT_EQ(counted(refusal_reason::signatures), 1U);
  EXPECT_EQ(code_of(jwt("first", of_all)), status_code::ok);
  steady_now_ += seconds(10);
  EXPECT_EQ(code_of(jwt("second", of_all)), status_code::ok);
}

// Nobody is trusted here.
class without_issuers : public service_fixture {};

TEST_F(without_issuers, a_jwt_is_a_token_that_nobody_has) {
  const jwt_signer pair(jwt::algorithm::eddsa, "a");
  EXPECT_EQ(ask(operation::get_user, pair.sign("{}"), "u1").message, "Errors.Token.Invalid");
  EXPECT_EQ(tally_.of_shard(0).auth_failures[static_cast<std::size_t>(auth_failure::unknown)].get(),
            1U);
}

}  // namespace
}  // namespace factord::service::json_web_token_test
