#include "server/net/slab.hpp"

#include <gtest/gtest.h>

namespace factord::net::slab_test {
namespace {

TEST(slab_test, a_name_finds_its_object_and_nothing_afterwards) {
  slab<int> objects;
  const auto first = objects.reserve();
  EXPECT_EQ(objects.find(first), nullptr) << "reserved, not there yet";
  objects.put(first, std::make_unique<int>(1));
  ASSERT_NE(objects.find(first), nullptr);
  EXPECT_EQ(*objects.find(first), 1);
  EXPECT_EQ(objects.size(), 1U);

  objects.erase(first);
  EXPECT_EQ(objects.find(first), nullptr);
  EXPECT_EQ(objects.size(), 0U);

  const auto second = objects.reserve();
  objects.put(second, std::make_unique<int>(2));
  EXPECT_EQ(second.slot, first.slot) << "the slot is used again";
  EXPECT_EQ(objects.find(first), nullptr) << "by another object";
  EXPECT_EQ(*objects.find(second), 2);
}

TEST(slab_test, a_slot_can_be_given_back_unused) {
  slab<int> objects;
  const auto unused = objects.reserve();
  objects.erase(unused);
  EXPECT_EQ(objects.size(), 0U);
  EXPECT_EQ(objects.reserve().slot, unused.slot);
}

TEST(slab_test, unknown_slots_find_nothing) {
  slab<int> objects;
  EXPECT_EQ(objects.find({7, 1}), nullptr);
}

TEST(slab_test, visits_what_is_there) {
  slab<int> objects;
  const auto a = objects.reserve();
  const auto b = objects.reserve();
  const auto c = objects.reserve();
  objects.put(a, std::make_unique<int>(1));
  objects.put(b, std::make_unique<int>(2));
  objects.put(c, std::make_unique<int>(4));
  objects.erase(b);
  int sum = 0;
  objects.for_each([&sum](int& value) { sum += value; });
  EXPECT_EQ(sum, 5);
}

}  // namespace
}  // namespace factord::net::slab_test
