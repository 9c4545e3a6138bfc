#include "server/protocol/wire/input_buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace factord::protocol::input_buffer_test {
namespace {

// Reads `bytes` into the buffer as a socket would, and returns how many fitted.
std::size_t read(input_buffer& in, std::string_view bytes) {
  const std::span<char> space = in.lend();
  const std::size_t size = std::min(space.size(), bytes.size());
  std::copy_n(bytes.begin(), size, space.begin());
  in.commit(size);
  return size;
}

// How much the next read may bring; the buffer is as before.
std::size_t room(input_buffer& in) {
  const std::size_t size = in.lend().size();
  in.commit(0);
  return size;
}

TEST(input_buffer_test, keeps_what_is_not_taken) {
  input_buffer in(8192);
  read(in, "abcdef");
  in.consume(2);
  read(in, "gh");
  EXPECT_EQ(in.view(), "cdefgh");
  in.consume(6);
  EXPECT_TRUE(in.empty());
}

TEST(input_buffer_test, holds_up_to_its_limit_in_order) {
  std::string bytes;
  for (int i = 0; i < 10'000; ++i) bytes += static_cast<char>('a' + i % 26);
  input_buffer in(10'000);
  std::size_t done = 0;
  while (done < bytes.size()) done += read(in, std::string_view(bytes).substr(done));
  EXPECT_EQ(in.view(), bytes);
  EXPECT_EQ(room(in), 0U);
  in.consume(1);
  EXPECT_EQ(room(in), 1U) << "room is made by moving what is kept";
  EXPECT_EQ(in.view(), std::string_view(bytes).substr(1));
}

TEST(input_buffer_test, grows_after_full_reads_and_shrinks_after_a_short_one) {
  input_buffer in(1 << 14);
  EXPECT_EQ(room(in), input_buffer::first_capacity);
  read(in, std::string(input_buffer::first_capacity, 'x'));
  in.consume(input_buffer::first_capacity);
  EXPECT_GT(room(in), input_buffer::first_capacity);
  read(in, "x");
  in.consume(1);
  EXPECT_EQ(room(in), input_buffer::first_capacity);
}

// What came before a read that is under way may be taken at any time: its place stays where it is.
TEST(input_buffer_test, a_loan_stays_where_it_is_while_all_before_it_is_taken) {
  input_buffer in(8192);
  read(in, "DELETE");
  const std::span<char> lent = in.lend();
  in.consume(6);
  EXPECT_TRUE(in.empty());
  std::copy_n("GET", 3, lent.begin());
  EXPECT_EQ(in.view(), "") << "not shown before the read is over";
  in.commit(3);
  EXPECT_EQ(in.view(), "GET");
  in.clear();
  EXPECT_EQ(in.view(), "");
}

TEST(input_buffer_test, clearing_under_a_loan_leaves_the_loan) {
  input_buffer in(8192);
  read(in, "abc");
  const std::span<char> lent = in.lend();
  in.clear();
  lent.front() = 'x';
  in.commit(1);
  EXPECT_EQ(in.view(), "x");
}

TEST(input_buffer_test, what_breaks_the_rules_of_a_loan_is_a_broken_invariant) {
  input_buffer in(4096);
  EXPECT_DEATH(in.commit(0), "check failed") << "nothing was lent";
  EXPECT_DEATH(in.consume(1), "check failed");
  const std::size_t lent = in.lend().size();
  EXPECT_DEATH((void)in.lend(), "check failed") << "two at once";
  EXPECT_DEATH(in.commit(lent + 1), "check failed");
}

}  // namespace
}  // namespace factord::protocol::input_buffer_test
