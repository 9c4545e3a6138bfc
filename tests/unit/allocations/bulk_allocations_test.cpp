#include <charconv>
#include <cstdio>

#include "tests/unit/allocations/counting_malloc.hpp"
#include "tests/unit/server/protocol/session_fixture.hpp"

namespace factord::protocol::bulk_allocations_test {
namespace {

constexpr std::uint64_t lines_a_chunk = 100;
constexpr std::uint64_t warm_up = 10;
constexpr std::uint64_t counted = 20;

/// One bulk, chunk by chunk.
class bulk_allocations : public session_fixture {
 protected:
  static std::string id(std::uint64_t index) {
    return std::to_string(100'000'000'000'000'001 + index);
  }

  /// So many lines of users that have the factor.
  std::string chunk(std::uint64_t nth) {
    std::string text;
    for (std::uint64_t i = nth * lines_a_chunk; i < (nth + 1) * lines_a_chunk; ++i) {
      add_user(id(i), "acme");
      add_factor(id(i));
      text += R"({"userId":")" + id(i) + "\",\"ifSequence\":\"" + std::to_string(last_sequence()) +
              "\"}\n";
    }
    char size[16];
    const auto end = std::to_chars(size, size + sizeof size, text.size(), 16).ptr;
    return std::string(size, end) + "\r\n" + text + "\r\n";
  }

  /// What the shard allocates for one chunk.
  std::uint64_t remove(const std::string& bytes) {
    pending_.reserve(1U << 20U);
    const std::uint64_t begin = allocations();
    pending_ += bytes;
    pending_.erase(0, session_->receive(pending_));
    std::uint64_t commit = 0;
    do {
      const std::uint64_t asked = allocations();
      queue_->run_batch(now_);
      commit += allocations() - asked;
      for (service::call* const done : answered_) session_->complete(*done);
      answered_.clear();
      session_->output().clear();
      session_->begin_turn();
    } while (session_->resume_streams());
    return allocations() - begin - commit;
  }

  std::string pending_;  ///< received, and not taken yet: the end of a chunk
};

TEST_F(bulk_allocations, the_shard_makes_none_a_line_in_steady_state) {
  std::vector<std::string> chunks;
  for (std::uint64_t i = 0; i < warm_up + counted; ++i) chunks.push_back(chunk(i));
  const std::uint64_t before = last_sequence();
  feed("POST /v2/users/otp_email/_bulk_remove HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " +
       admin() + "\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (std::uint64_t i = 0; i < warm_up; ++i) remove(chunks[i]);
  std::uint64_t spent = 0;
  for (std::uint64_t i = warm_up; i < chunks.size(); ++i) spent += remove(chunks[i]);
  EXPECT_EQ(last_sequence(), before + 1 + (warm_up + counted) * lines_a_chunk);
  std::printf("allocations of the shard per line of a bulk: %.3f\n",
              static_cast<double>(spent) / (counted * lines_a_chunk));
  EXPECT_EQ(spent, 0U);
}

}  // namespace
}  // namespace factord::protocol::bulk_allocations_test
