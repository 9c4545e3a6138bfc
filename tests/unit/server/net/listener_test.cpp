#include "server/net/listener.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>
#include <memory>
#include <vector>

#include "server/net/shard.hpp"
#include "server/protocol/api.hpp"
#include "storage/engine/memory_engine.hpp"
#include "tests/unit/server/net/client.hpp"

namespace factord::net::listener_test {
namespace {

using namespace std::chrono_literals;

/// A listener and one shard, on the test's own thread.
class listener_test : public ::testing::Test {
 protected:
  listener_test() {
    const shard_environment around{bounds_, api_, rooms_, buffers_, refusals_, bulk_lines_};
    shards_.push_back(std::make_unique<shard>(0, around,
                                              service::environment{store_,
                                                                   queue_,
                                                                   token_epoch_,
                                                                   tally_,
                                                                   system_now,
                                                                   std::chrono::steady_clock::now,
                                                                   service::draw_secure_random,
                                                                   system_now(),
                                                                   {},
                                                                   {},
                                                                   nullptr}));
    listening_socket socket = listen_tcp(parse_listen_address("127.0.0.1:0").value()).value();
    port_ = socket.address.port;
    listener_ =
        std::make_unique<listener>(std::move(socket), protocol::surface::api, 100ms, shards_);
    boost::asio::co_spawn(context(), listener_->run(), boost::asio::detached);
  }
  ~listener_test() override {
    listener_->close();
    context().poll();
  }

  [[nodiscard]] std::size_t adopted() const {
    return rooms_[protocol::surface::api].connections.used();
  }
  boost::asio::io_context& context() { return shards_.front()->context(); }

  limits bounds_;
  storage::memory_engine store_{"id"};
  storage::commit_queue queue_{store_, {}, {}, 1};
  readiness_state state_;
  service::counters tally_;
  service::newest_token_epoch token_epoch_;
  const protocol::api api_{{bounds_, state_, store_.mode(), {}}};
  budget buffers_{1U << 30U};
  surface_rooms rooms_{{1000, 1, 1}, buffers_};
  budget refusals_{1000};
  budget bulk_lines_{1000};
  std::vector<std::unique_ptr<shard>> shards_;
  std::unique_ptr<listener> listener_;
  std::uint16_t port_ = 0;
};

// Whatever else is ready on that thread has its turn only once in a round of them.
TEST_F(listener_test, takes_those_that_wait_already_in_one_go) {
  constexpr std::size_t at_once = 64;
  std::vector<testing::client> clients;
  for (std::size_t i = 0; i < at_once + 1; ++i) clients.emplace_back(port_);
  while (adopted() == 0) ASSERT_EQ(context().run_one_for(5s), 1U);
  EXPECT_EQ(adopted(), at_once);
  while (adopted() == at_once) ASSERT_EQ(context().run_one_for(5s), 1U);
  EXPECT_EQ(adopted(), at_once + 1);
}

}  // namespace
}  // namespace factord::net::listener_test
