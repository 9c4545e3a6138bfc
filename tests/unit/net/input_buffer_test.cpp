#include "server/net/input_buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace factord::net {
namespace {

// Reads `bytes` into the buffer as a socket would, and returns how many fitted.
std::size_t read(input_buffer& in, std::string_view bytes) {
  const std::span<char> space = in.space();
  const std::size_t size = std::min(space.size(), bytes.size());
  std::copy_n(bytes.begin(), size, space.begin());
  in.commit(size);
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
  EXPECT_TRUE(in.space().empty());
  in.consume(1);
  EXPECT_EQ(in.space().size(), 1U) << "room is made by moving what is kept";
  EXPECT_EQ(in.view(), std::string_view(bytes).substr(1));
}

TEST(input_buffer_test, grows_after_full_reads_and_shrinks_after_a_short_one) {
  input_buffer in(1 << 14);
  EXPECT_EQ(in.space().size(), input_buffer::first_capacity);
  read(in, std::string(input_buffer::first_capacity, 'x'));
  in.consume(input_buffer::first_capacity);
  EXPECT_GT(in.space().size(), input_buffer::first_capacity);
  read(in, "x");
  in.consume(1);
  EXPECT_EQ(in.space().size(), input_buffer::first_capacity);
}

TEST(input_buffer_test, committing_more_than_there_is_room_for_is_a_broken_invariant) {
  input_buffer in(4096);
  const std::size_t room = in.space().size();
  EXPECT_DEATH(in.commit(room + 1), "check failed");
  EXPECT_DEATH(in.consume(1), "check failed");
}

}  // namespace
}  // namespace factord::net
