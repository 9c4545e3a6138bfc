#include <benchmark/benchmark.h>

#include <string>

#include "bench/micro/jwt_sample.hpp"
#include "bench/micro/small_server.hpp"
#include "server/jwt/token.hpp"
#include "server/service/authenticator.hpp"
#include "storage/base/check.hpp"
#include "storage/base/enum_table.hpp"

namespace factord::bench {
namespace {

void of_each_algorithm(benchmark::internal::Benchmark* bench) {
  bench->ArgName("algorithm")->DenseRange(0, static_cast<int>(count_of<jwt::algorithm>) - 1);
}

// All that a token is held to before its signature: what a bad one costs that says who it is for.
void jwt_read(benchmark::State& state) {
  const jwt_provider provider;
  const auto now = system_now();
  const std::string_view token = sample_jwt(jwt::algorithm::es256);
  for (auto _ : state) {
    auto read = jwt::read_token(token, provider.issuers().trusted, now);
    FACTORD_CHECK(read);
    benchmark::DoNotOptimize(read);
  }
}
BENCHMARK(jwt_read);

// A token that was never seen: read, verified, its roles told.
void jwt_uncached(benchmark::State& state) {
  const jwt_provider provider;
  const auto now = system_now();
  const auto by = static_cast<jwt::algorithm>(state.range(0));
  state.SetLabel(std::string(name(by)));
  for (auto _ : state) {
    auto read = jwt::read_token(sample_jwt(by), provider.issuers().trusted, now);
    auto proven = jwt::prove(std::move(*read));
    FACTORD_CHECK(proven);
    benchmark::DoNotOptimize(proven);
  }
}
BENCHMARK(jwt_uncached)->Apply(of_each_algorithm);

// A token whose verdict is known (beside token_check, which is one of our own).
void jwt_check(benchmark::State& state) {
  small_server server{1};
  const jwt_provider provider;
  service::environment with = server.environment();
  with.issuers = &provider.issuers();
  service::authenticator tokens{with};
  service::call& pending = server.calls().acquire();
  pending.in.has_authorization = true;
  pending.in.authorization =
      "Bearer " + std::string(sample_jwt(static_cast<jwt::algorithm>(state.range(0))));
  const service::authenticator::continuation accept = [](service::call&) {};
  for (auto _ : state) {
    pending.who.clear();
    tokens.authenticate(pending, accept);
    benchmark::DoNotOptimize(pending.who);
  }
  FACTORD_CHECK(pending.who.grants.size() == 2);
  server.calls().release(pending);
}
BENCHMARK(jwt_check)->Apply(of_each_algorithm);

}  // namespace
}  // namespace factord::bench
