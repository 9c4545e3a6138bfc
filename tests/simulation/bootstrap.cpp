#include "tests/simulation/bootstrap.hpp"

#include "tests/simulation/random.hpp"
#include "tests/support/quiet_service.hpp"

namespace factord::simulation {
namespace {

using service::call;
using service::operation;
using service::role;

void add_user(quiet_service& to, std::size_t i) {
  call added(0);
  added.op = operation::add_human_user;
  added.in.user_id = user_name(i);
  added.in.username = user_name(i);
  added.in.org = org_of(i);
  added.in.email = "a@b.ch";
  added.in.email_verified = true;
  to.order(added);
  call factor(0);
  factor.op = operation::add_otp_email;
  factor.in.user_id = user_name(i);
  to.order(factor);
}

known_token add_token(quiet_service& to, const std::string& subject, role which,
                      const std::string& org) {
  call pending(0);
  pending.op = operation::create_token;
  pending.in.user_id = subject;
  pending.in.roles.add(which);
  pending.in.org = org;
  const service::answer& made = to.order(pending);
  return {made.token, made.token_id};
}

}  // namespace

std::string user_name(std::size_t i) { return "user" + std::to_string(i); }

std::string org_of(std::size_t i) { return i % 2 == 0 ? "even" : "odd"; }

std::vector<known_token> fill_store(storage::memory_engine& store, const run_options& run) {
  // Not the random numbers of the run: two tokens would be the same.
  random_bits random(~run.seed);
  quiet_service with(store, [&random](std::span<unsigned char> out) {
    for (unsigned char& byte : out) byte = static_cast<unsigned char>(random.next());
  });
  for (std::size_t i = 0; i < run.users; ++i) add_user(with, i);
  std::vector<known_token> tokens;
  // Twice as often as the others, so that most requests get further than their permission.
  tokens.push_back(add_token(with, "root", role::iam_owner, ""));
  tokens.push_back(add_token(with, "root", role::iam_owner, ""));
  tokens.push_back(add_token(with, "manager", role::org_owner, "even"));
  tokens.push_back(add_token(with, "viewer", role::iam_owner_viewer, ""));
  tokens.push_back(add_token(with, user_name(0), role::org_owner_viewer, "odd"));
  return tokens;
}

}  // namespace factord::simulation
