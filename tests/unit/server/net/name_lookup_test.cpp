#include "server/net/name_lookup.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>

namespace factord::net::name_lookup_test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

// Says at its n-th question that a name is 192.0.2.n, and the first only when it is told to.
struct slow_resolver {
  struct facts {
    std::promise<void> told;
    std::atomic<unsigned char> asked = 0;
  };

  result<name_lookup::addresses> operator()(const std::string& /*host*/) const {
    const unsigned char number = ++all->asked;
    if (number == 1) all->told.get_future().wait();
    return name_lookup::addresses{boost::asio::ip::address_v4({192, 0, 2, number})};
  }

  std::shared_ptr<facts> all = std::make_shared<facts>();
};

std::string ask(name_lookup& names, std::chrono::milliseconds patience) {
  const auto found = names.find("a.example", steady_clock::now() + patience, [] { return false; });
  return found ? found->front().to_string() : found.error().message;
}

TEST(name_lookup, an_answer_that_is_late_is_had_by_who_asks_again) {
  const slow_resolver resolver;
  name_lookup names(resolver);
  EXPECT_EQ(ask(names, 1ms), "resolving a.example: not in time");
  EXPECT_EQ(ask(names, 1ms), "resolving a.example: not in time");
  resolver.all->told.set_value();
  EXPECT_EQ(ask(names, 60s), "192.0.2.1");
  EXPECT_EQ(ask(names, 60s), "192.0.2.2") << "and by nobody else";
}

// When it was there nobody knows, so it is given ever more time until then.
TEST(name_lookup, but_not_when_it_is_old) {
  std::string heard;
  for (auto pause = 10ms; heard != "192.0.2.2" && pause < 20s; pause *= 2) {
    const slow_resolver resolver;
    name_lookup names(resolver, 1ms);
    EXPECT_EQ(ask(names, 1ms), "resolving a.example: not in time");
    resolver.all->told.set_value();
    std::this_thread::sleep_for(pause);
    heard = ask(names, 60s);
  }
  EXPECT_EQ(heard, "192.0.2.2");
}

}  // namespace
}  // namespace factord::net::name_lookup_test
