#include "storage/base/want_of_memory.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <new>
#include <typeinfo>

namespace factord::want_of_memory_test {
namespace {

template <class Exception>
[[noreturn]] void raise() {
  throw Exception{};
}

/// Where nothing may leave.
template <class Exception>
void end_by() noexcept {
  raise<Exception>();
}

// Sanitizers take address space by the terabyte, so it cannot be limited.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

/// Leaves this process nothing but what malloc has already.
void take_all_memory() {
  constexpr rlimit little{1U << 20U, 1U << 20U};
  ASSERT_EQ(::setrlimit(RLIMIT_AS, &little), 0);
}

const auto ends_with_one = ::testing::ExitedWithCode(1);
constexpr const char* line = "tests: out of memory";

void set_up() { end_where_memory_is_wanting("tests: out of memory\n"); }

TEST(want_of_memory_DeathTest, what_nothing_may_leave_ends_with_one) {
  EXPECT_EXIT(
      {
        set_up();
        end_by<std::bad_alloc>();
      },
      ends_with_one, line);
}

TEST(want_of_memory_DeathTest, so_does_an_exception_that_could_not_be_made) {
  EXPECT_EXIT(
      {
        set_up();
        take_all_memory();
        std::terminate();
      },
      ends_with_one, line);
}

TEST(want_of_memory_DeathTest, so_does_what_a_library_aborts_for) {
  EXPECT_EXIT(
      {
        set_up();
        take_all_memory();
        std::abort();
      },
      ends_with_one, line);
}

#endif

TEST(want_of_memory_DeathTest, a_fault_is_one_still) {
  EXPECT_EXIT(
      {
        end_where_memory_is_wanting("it is not that\n");
        std::abort();
      },
      ::testing::KilledBySignal(SIGABRT), "^$");
  EXPECT_EXIT(
      {
        end_where_memory_is_wanting("it is not that\n");
        std::raise(SIGABRT);
      },
      ::testing::KilledBySignal(SIGABRT), "^$")
      << "as a service manager sends it";
  EXPECT_EXIT(
      {
        end_where_memory_is_wanting("it is not that\n");
        std::terminate();
      },
      ::testing::KilledBySignal(SIGABRT), "without an active exception");
  EXPECT_EXIT(
      {
        end_where_memory_is_wanting("it is not that\n");
        end_by<std::bad_typeid>();
      },
      ::testing::KilledBySignal(SIGABRT), "bad_typeid");
}

}  // namespace
}  // namespace factord::want_of_memory_test
