#include "tests/simulation/bootstrap.hpp"

#include <functional>

#include "server/service/user_service.hpp"
#include "storage/base/check.hpp"

namespace factord::simulation {
namespace {

using service::call;
using service::operation;
using service::role;

/// A service without anything around it: a call is answered before ask() returns.
class quiet_service {
 public:
  quiet_service(storage::memory_engine& store, std::uint64_t seed)
      : random_(seed),
        queue_(store, {}, {}, 1),
        users_({store,
                queue_,
                generation_,
                tally_,
                [] { return timestamp{}; },
                [] { return std::chrono::steady_clock::time_point{}; },
                [this](std::span<unsigned char> out) {
                  for (unsigned char& byte : out) byte = static_cast<unsigned char>(random_.next());
                },
                {},
                [](const std::function<void()>& run) { run(); },
                [](call&) {}}) {}

  const service::answer& ask(call& work) {
    work.in.trusted = true;
    users_.start(work);
    queue_.run_batch(timestamp{});
    FACTORD_CHECK(work.out.code == service::status_code::ok);
    return work.out;
  }

 private:
  random_bits random_;
  service::token_generation generation_;
  service::counters tally_;
  storage::commit_queue queue_;
  service::user_service users_;
};

void add_user(quiet_service& to, std::size_t i) {
  call added(0);
  added.op = operation::add_human_user;
  added.in.user_id = user_name(i);
  added.in.username = user_name(i);
  added.in.org = org_of(i);
  added.in.email = "a@b.ch";
  added.in.email_verified = true;
  to.ask(added);
  call factor(0);
  factor.op = operation::add_otp_email;
  factor.in.user_id = user_name(i);
  to.ask(factor);
}

known_token add_token(quiet_service& to, const std::string& subject, role which,
                      const std::string& org) {
  call work(0);
  work.op = operation::create_token;
  work.in.user_id = subject;
  work.in.roles.add(which);
  work.in.org = org;
  const service::answer& made = to.ask(work);
  return {made.token, made.token_id};
}

}  // namespace

std::string user_name(std::size_t i) { return "user" + std::to_string(i); }

std::string org_of(std::size_t i) { return i % 2 == 0 ? "even" : "odd"; }

std::vector<known_token> fill_store(storage::memory_engine& store, const run_options& run) {
  // Not the random numbers of the run: two tokens would be the same.
  quiet_service with(store, ~run.seed);
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
