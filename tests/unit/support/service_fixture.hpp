#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/service/call_pool.hpp"
#include "server/service/user_service.hpp"
#include "storage/engine/memory_engine.hpp"

namespace factord::service {

/// A service of one shard over the memory engine and a commit queue that is run by hand, with a
/// clock that stands still and random bytes of a fixed seed: all of it deterministic.
class service_fixture : public ::testing::Test {
 protected:
  /// `issuers`: whose JWTs it takes; they outlive this.
  explicit service_fixture(const jwt_issuers* issuers = nullptr);

  /// Starts a call and runs the queue until it is answered.
  const answer& ask(call& pending);
  /// The same for an operation on a user, by a token.
  const answer& ask(operation op, std::string_view token, std::string_view user_id);

  /// A fresh call with the token set; an empty token is none.
  call& make(operation op, std::string_view token, std::string_view user_id = {});

  /// Creates a token over the trusted surface.
  std::string token(std::string_view subject, role_set roles, std::string_view org = {});
  /// Adds a user with a verified (or not) email.
  void add_user(std::string_view id, std::string_view org, bool email_verified = true);
  void add_factor(std::string_view id);
  std::string admin();  ///< a token of an IAM_OWNER, made at first use

  std::uint64_t last_sequence();
  /// The public names of all events, in order.
  std::vector<std::string> event_names();

  static constexpr timestamp start_time{std::chrono::hours{24 * 20'000}};

  timestamp now_ = start_time;
  std::chrono::steady_clock::time_point steady_now_ = std::chrono::steady_clock::now();
  storage::memory_engine store_{"store"};
  newest_token_epoch token_epoch_;
  counters tally_;
  std::unique_ptr<storage::commit_queue> queue_;
  call_pool calls_{0};
  std::unique_ptr<user_service> users_;
  std::vector<call*> answered_;
  std::mt19937_64 random_;
  /// What the service draws from.
  std::function<void(std::span<unsigned char>)> draw_ = [this](std::span<unsigned char> out) {
    for (unsigned char& byte : out) byte = static_cast<unsigned char>(random_());
  };
  std::string admin_;
};

}  // namespace factord::service
