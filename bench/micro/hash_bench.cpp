#include <benchmark/benchmark.h>

#include "bench/micro/sample.hpp"
#include "storage/base/clock.hpp"
#include "storage/model/event.hpp"
#include "storage/model/hash_chain.hpp"
#include "storage/model/records.pb.h"

namespace factord::bench {
namespace {

// One link of the chain, over the record of a removal.
void chain_link(benchmark::State& state) {
  storage::event_record event;
  event.set_type(static_cast<std::uint32_t>(storage::event_type::otp_email_removed));
  event.set_user_id(std::string(first_id));
  event.set_resource_owner(std::string(org));
  event.set_creator("operator");
  event.set_created_at(to_micros(system_now()));
  const std::string record = event.SerializeAsString();
  storage::sha256 hasher;
  storage::digest hash{};
  std::uint64_t sequence = 0;
  for (auto _ : state) {
    hash = hasher.link(hash, ++sequence, record);
    benchmark::DoNotOptimize(hash);
  }
}
BENCHMARK(chain_link);

}  // namespace
}  // namespace factord::bench
