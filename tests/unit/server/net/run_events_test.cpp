#include "server/net/run_events.hpp"

#include <gtest/gtest.h>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <new>
#include <stdexcept>

namespace factord::net::run_events_test {
namespace {

namespace asio = boost::asio;

// Each in its place inside of another, as coroutines are begun: Asio keeps what they throw.
TEST(run_events, of_several_exceptions_at_once_throws_the_first) {
  asio::io_context context{1};
  asio::post(context, [&context] {
    asio::dispatch(context, [] { throw std::bad_alloc{}; });
    asio::dispatch(context, [] { throw std::runtime_error("another"); });
  });
  EXPECT_THROW(run_events(context), std::bad_alloc);
}

TEST(run_events, throws_one_as_it_is) {
  asio::io_context context{1};
  asio::post(context, [] { throw std::runtime_error("it"); });
  EXPECT_THROW(run_events(context), std::runtime_error);
  asio::post(context, [] {});
  run_events(context);
}

}  // namespace
}  // namespace factord::net::run_events_test
