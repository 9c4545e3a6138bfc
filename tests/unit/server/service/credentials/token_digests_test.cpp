#include "server/service/credentials/token_digests.hpp"

#include <gtest/gtest.h>

#include <string>

namespace factord::service::token_digests_test {
namespace {

void expect_right(token_digests& digests, const std::string& token) {
  EXPECT_EQ(digests.of(token), storage::sha256{}.of(token)) << token.size();
}

TEST(token_digests, are_right_at_each_length) {
  token_digests digests;
  for (const std::size_t size : {0U, 1U, 43U, 127U, 128U, 129U, 745U, 2047U, 2048U, 2049U, 8192U}) {
    for (int again = 0; again < 3; ++again) expect_right(digests, std::string(size, 'a'));
  }
}

// Its end is where it is looked for, so these share a place.
TEST(token_digests, tell_tokens_apart_that_differ_in_one_byte) {
  for (const std::size_t size : {128U, 131U, 135U}) {
    token_digests digests;
    std::string token(size, 'a');
    for (std::size_t i = 0; i < size; ++i) {
      expect_right(digests, token);
      token[i] = 'b';
      expect_right(digests, token);
      token[i] = 'a';
    }
  }
}

TEST(token_digests, tell_apart_those_of_one_end) {
  token_digests digests;
  const std::string end(64, 'z');
  for (std::size_t size = 100; size < 200; ++size) {
    expect_right(digests, std::string(size, 'a') + end);
    expect_right(digests, std::string(size, 'b') + end);
    expect_right(digests, std::string(size, 'a') + end);
  }
}

}  // namespace
}  // namespace factord::service::token_digests_test
