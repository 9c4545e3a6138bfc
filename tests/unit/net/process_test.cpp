#include "server/net/process.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace factord::net {
namespace {

TEST(process_test, connections_fit_under_the_file_limit) {
  rlimit files{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
  EXPECT_EQ(fit_connections(1), 1U);
  EXPECT_LT(fit_connections(static_cast<std::size_t>(files.rlim_max)),
            static_cast<std::size_t>(files.rlim_max));
  rlimit after{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &after), 0);
  EXPECT_EQ(after.rlim_cur, files.rlim_max);
}

}  // namespace
}  // namespace factord::net
