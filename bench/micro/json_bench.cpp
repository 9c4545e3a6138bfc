#include <benchmark/benchmark.h>

#include "bench/micro/sample.hpp"
#include "server/protocol/messages/json_answer.hpp"

namespace factord::bench {
namespace {

void json_answer(benchmark::State& state) {
  service::answer done;
  done.details.sequence = 3'000'001;
  done.details.change_date = system_now();
  done.details.resource_owner = org;
  std::string body;
  for (auto _ : state) {
    body.clear();
    protocol::write_json_details(done, body);
    benchmark::DoNotOptimize(body.data());
  }
}
BENCHMARK(json_answer);

}  // namespace
}  // namespace factord::bench
