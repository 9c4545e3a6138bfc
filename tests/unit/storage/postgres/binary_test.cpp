#include "storage/postgres/binary.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace factord::storage::binary_test {
namespace {

TEST(binary_format, has_numbers_with_their_highest_byte_first) {
  EXPECT_EQ(as_bytes(bytes_of_number(0x0102030405060708)), "\1\2\3\4\5\6\7\10");
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1},
        std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    EXPECT_EQ(number_of(as_bytes(bytes_of_number(value))), value);
    EXPECT_EQ(count_of(as_bytes(bytes_of_number(value))).has_value(), value >= 0);
  }
  EXPECT_EQ(number_of(std::string(7, '\0')), std::nullopt);
  EXPECT_EQ(number_of(std::string(9, '\0')), std::nullopt);
  EXPECT_EQ(number_of({}), std::nullopt);
}

TEST(binary_format, has_no_number_above_the_largest) {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(clamped(static_cast<std::uint64_t>(most)), most);
  EXPECT_EQ(clamped(static_cast<std::uint64_t>(most) + 1), most);
  EXPECT_EQ(clamped(~0ULL), most);
  EXPECT_EQ(clamped(7), 7);
}

TEST(binary_format, has_arrays_of_one_dimension_and_empty_ones_of_none) {
  array_parameter array;
  array.begin(type_of_bytes);
  EXPECT_EQ(array.bytes(), std::string("\0\0\0\0\0\0\0\0\0\0\0\x11", 12));
  array.add("ab");
  array.add({});
  EXPECT_EQ(array.count(), 2U);
  const std::string two{"\0\0\0\1\0\0\0\0\0\0\0\x11\0\0\0\2\0\0\0\1\0\0\0\2ab\0\0\0\0", 30};
  EXPECT_EQ(array.bytes(), two);
  array.begin(type_of_number);
  array.add_number(3);
  EXPECT_EQ(array.bytes(), std::string("\0\0\0\1\0\0\0\0\0\0\0\x14\0\0\0\1\0\0\0\1\0\0\0\x8"
                                       "\0\0\0\0\0\0\0\3",
                                       32));
}

}  // namespace
}  // namespace factord::storage::binary_test
