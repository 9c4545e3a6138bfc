#include <benchmark/benchmark.h>

#include "server/protocol/router.hpp"
#include "storage/base/check.hpp"

namespace factord::bench {
namespace {

using protocol::verb;

void find(benchmark::State& state, verb method, std::string_view target,
          protocol::destination expected) {
  protocol::request incoming;
  incoming.method = method;
  incoming.target = target;
  protocol::route_match match;
  for (auto _ : state) {
    protocol::find_route(protocol::surface::api, incoming, match);
    benchmark::DoNotOptimize(match);
  }
  FACTORD_CHECK(match.to == expected);
}

// The first of the table, one of its end, and none of it.
BENCHMARK_CAPTURE(find, route_removal, verb::delete_, "/v2/users/100000000000000001/otp_email",
                  protocol::destination::operation);
BENCHMARK_CAPTURE(find, route_health, verb::get, "/healthz", protocol::destination::alive);
BENCHMARK_CAPTURE(find, route_unknown, verb::get, "/v2/users/100000000000000001/keys",
                  protocol::destination::not_found);

}  // namespace
}  // namespace factord::bench
