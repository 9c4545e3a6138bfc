#include <benchmark/benchmark.h>

#include "bench/micro/sample.hpp"
#include "server/protocol/rest/answer.hpp"

namespace factord::bench {
namespace {

void json_answer(benchmark::State& state) {
  service::call work{0};
  work.op = service::operation::remove_otp_email;
  work.out.details.sequence = 3'000'001;
  work.out.details.change_date = system_now();
  work.out.details.resource_owner = org;
  std::string body;
  for (auto _ : state) {
    body.clear();
    protocol::write_json_answer(work, body);
    benchmark::DoNotOptimize(body.data());
  }
}
BENCHMARK(json_answer);

}  // namespace
}  // namespace factord::bench
