#include <cstdio>
#include <cstdlib>

#include "tests/unit/allocations/counting_malloc.hpp"
#include "tests/unit/server/protocol/session_fixture.hpp"
#include "tests/unit/server/service/credentials/jwt_fixture.hpp"

namespace factord::protocol::removal_allocations_test {
namespace {

constexpr std::uint64_t warm_up = 200;
constexpr std::uint64_t counted = 1'000;

/// Removals one after the other on one connection, as a shard and a commit thread would share them.
class removal_allocations : public session_fixture {
 protected:
  explicit removal_allocations(const service::jwt_issuers* issuers = nullptr)
      : session_fixture(issuers) {}

  /// Allocations of both sides, added up over removals.
  struct sides {
    std::uint64_t shard = 0;
    std::uint64_t commit = 0;
  };

  void remove(const std::string& request, sides& spent) {
    const std::uint64_t begin = allocations();
    ASSERT_EQ(session_->receive(request), request.size());
    const std::uint64_t asked = allocations();
    queue_->run_batch(now_);
    const std::uint64_t committed = allocations();
    for (service::call* done : answered_) {
      done->note_answered(std::chrono::steady_clock::now());
      session_->complete(*done);
    }
    answered_.clear();
    ASSERT_TRUE(session_->output().starts_with("HTTP/1.1 200 ")) << session_->output();
    session_->output().clear();
    spent.shard += allocations() - committed + asked - begin;
    spent.commit += committed - asked;
  }

  static std::string id(std::uint64_t index) {
    return std::to_string(100'000'000'000'000'001 + index);
  }

  static std::string request(std::uint64_t index, const std::string& token) {
    return "DELETE /v2/users/" + id(index) + "/otp_email HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n" +
           "Authorization: Bearer " + token + "\r\n\r\n";
  }

  /// What removals take of both sides, by one token, once there were some.
  sides remove_all(const std::string& token) {
    std::vector<std::string> requests;
    for (std::uint64_t i = 0; i < warm_up + counted; ++i) {
      add_user(id(i), "acme");
      add_factor(id(i));
      requests.push_back(request(i, token));
    }
    sides ignored;
    sides spent;
    for (std::uint64_t i = 0; i < warm_up; ++i) remove(requests[i], ignored);
    for (std::uint64_t i = warm_up; i < requests.size(); ++i) remove(requests[i], spent);
    return spent;
  }
};

class jwt_removal_allocations : protected service::testing::jwt_world, public removal_allocations {
 protected:
  jwt_removal_allocations() : removal_allocations(&issuers) {}
};

TEST_F(removal_allocations, the_shard_makes_none_in_steady_state) {
  const sides spent = remove_all(admin());
  const auto each = [](std::uint64_t all) { return static_cast<double>(all) / counted; };
  std::printf("allocations per removal: shard %.3f, commit thread on the memory engine %.3f\n",
              each(spent.shard), each(spent.commit));
  RecordProperty("shard_per_thousand", static_cast<int>(spent.shard));
  EXPECT_EQ(spent.shard, 0U);
}

TEST_F(jwt_removal_allocations, the_shard_makes_none_in_steady_state) {
  const std::string payload =
      R"({"iss":"https://issuer.example","aud":["factord"],"sub":"machine","exp":4102444800,)"
      R"("roles":{"manager":{"acme":"acme.example","100000000000000001":"other.example"}}})";
  EXPECT_EQ(remove_all(pair.sign(payload)).shard, 0U);
}

// The counter itself, which otherwise could count nothing.
TEST(counting_malloc, counts) {
  const std::uint64_t before = allocations();
  const auto one = std::make_unique<std::string>(100, 'x');
  void* volatile two = std::malloc(10);
  EXPECT_EQ(allocations() - before, 3U);
  std::free(two);
}

}  // namespace
}  // namespace factord::protocol::removal_allocations_test
