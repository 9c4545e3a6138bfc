#include <benchmark/benchmark.h>

#include "bench/micro/sample.hpp"
#include "server/protocol/http1/codec.hpp"
#include "server/protocol/wire/date_clock.hpp"
#include "storage/base/check.hpp"

namespace factord::bench {
namespace {

// A request in, its answer out, in bytes: one at a time, or so many in one read.
void codec_exchange(benchmark::State& state) {
  const limits bounds;
  const protocol::date_clock date{system_now()};
  protocol::http1_codec codec{bounds, date};
  const auto depth = static_cast<std::size_t>(state.range(0));
  std::string input;
  for (std::size_t i = 0; i < depth; ++i) input += removal_request(first_id, sample_token);
  protocol::response answer;
  answer.body = R"({"details":{"sequence":"3000001","changeDate":"2026-01-02T03:04:05.678901Z",)"
                R"("resourceOwner":"acme"}})";
  for (auto _ : state) {
    std::string_view rest = input;
    while (!rest.empty()) {
      rest.remove_prefix(codec.receive(rest));
      const protocol::request* incoming = codec.next();
      FACTORD_CHECK(incoming != nullptr);
      codec.respond(incoming->id, answer);
    }
    benchmark::DoNotOptimize(codec.output().data());
    codec.output().clear();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(codec_exchange)->ArgName("pipelined")->Arg(1)->Arg(16);

}  // namespace
}  // namespace factord::bench
