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
  service::call& work = server.calls().acquire();
  work.in.has_authorization = true;
  work.in.authorization = "Bearer " + server.token();
  const service::authenticator::continuation accept = [](service::call&) {};
  for (auto _ : state) {
    work.who.clear();
    tokens.authenticate(work, accept);
    benchmark::DoNotOptimize(work.who);
  }
  FACTORD_CHECK(work.who.user_id == "operator");
  server.calls().release(work);
}
BENCHMARK(token_check);

}  // namespace
}  // namespace factord::bench
