#include <benchmark/benchmark.h>

#include "bench/micro/sample.hpp"
#include "bench/micro/small_server.hpp"
#include "storage/base/check.hpp"

namespace factord::bench {
namespace {

constexpr std::uint64_t user_count = 4'096;

// Everything but sockets and disk: each of so many connections asks for one removal, all are
// decided in one batch, and all are answered. Time is per removal in items_per_second.
void removal_without_sockets(benchmark::State& state) {
  small_server server{user_count};
  std::vector<protocol::session*> connections;
  for (std::int64_t i = 0; i < state.range(0); ++i) connections.push_back(&server.connect());
  std::string request = removal_request(first_id, server.token());
  const std::size_t id_at = request.find(first_id);
  scattered_users users{user_count};
  std::uint64_t left = user_count;
  const auto batch = static_cast<std::uint64_t>(connections.size());
  for (auto _ : state) {
    if (left < batch) {
      state.PauseTiming();
      server.restore_factors();
      left = user_count;
      state.ResumeTiming();
    }
    left -= batch;
    for (protocol::session* connection : connections) {
      request.replace(id_at, first_id.size(), users.next());
      FACTORD_CHECK(connection->receive(request) == request.size());
    }
    server.commit_waiting();
    for (protocol::session* connection : connections) {
      FACTORD_CHECK(connection->output().starts_with("HTTP/1.1 200"));
      connection->output().clear();
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(removal_without_sockets)->ArgName("batch")->Arg(1)->Arg(8)->Arg(64);

}  // namespace
}  // namespace factord::bench
