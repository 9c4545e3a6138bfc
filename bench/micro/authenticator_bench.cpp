#include "server/service/authenticator.hpp"

#include <benchmark/benchmark.h>

#include "bench/micro/small_server.hpp"
#include "storage/base/check.hpp"

namespace factord::bench {
namespace {

// A token whose verdict is known: what every request but the first of a shard costs.
void token_check(benchmark::State& state) {
  small_server server{1};
  service::authenticator tokens{server.environment()};
  service::call& pending = server.calls().acquire();
  pending.in.has_authorization = true;
  pending.in.authorization = "Bearer " + server.token();
  const service::authenticator::continuation accept = [](service::call&) {};
  for (auto _ : state) {
    pending.who.clear();
    tokens.authenticate(pending, accept);
    benchmark::DoNotOptimize(pending.who);
  }
  FACTORD_CHECK(pending.who.user_id == "operator");
  server.calls().release(pending);
}
BENCHMARK(token_check);

}  // namespace
}  // namespace factord::bench
