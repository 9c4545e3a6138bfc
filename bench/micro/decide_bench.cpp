#include <benchmark/benchmark.h>

#include "bench/micro/sample.hpp"
#include "server/service/call.hpp"
#include "storage/base/check.hpp"
#include "storage/model/keys.hpp"

namespace factord::bench {
namespace {

/// Numbers events and forgets them, so that the states stay as they are.
class forgetful_sink final : public storage::event_sink {
 public:
  storage::event_record& blank() override {
    record_.Clear();
    return record_;
  }
  std::uint64_t append() override { return ++sequence_; }

 private:
  storage::event_record record_;
  std::uint64_t sequence_ = 0;
};

// The decision of a removal, on a table that holds the states of one batch.
void decide_removal(benchmark::State& state) {
  constexpr std::uint64_t users = 64;
  storage::state_table table;
  storage::factor_record factor;
  factor.set_resource_owner(std::string(org));
  const std::string record = factor.SerializeAsString();
  service::call pending{0};
  pending.op = service::operation::remove_otp_email;
  pending.who.user_id = "operator";
  pending.who.grants.emplace_back().roles.add(service::role::iam_owner);
  scattered_users ids{users};
  for (std::size_t i = 0; i < users; ++i) {
    pending.in.user_id = ids.next();
    pending.list_keys(table);
    table.set_loaded(i, record);
  }
  forgetful_sink events;
  for (auto _ : state) {
    pending.in.user_id = ids.next();
    pending.decide(table, {}, events);
  }
  FACTORD_CHECK(pending.out.code == service::status_code::ok);
}
BENCHMARK(decide_removal);

}  // namespace
}  // namespace factord::bench
