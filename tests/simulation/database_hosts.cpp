#include "tests/simulation/database_hosts.hpp"

#include <utility>

namespace factord::simulation {

database_hosts::database_hosts(scheduler& time, random_bits& random, const run_options& run,
                               std::function<void(const std::string& what)> tell,
                               std::function<void()> changed,
                               std::function<void(bool answered)> lost, database_tables content)
    : around_{time,        random, run, std::move(tell), std::move(changed), std::move(lost),
              lost_events_} {
  all_.push_back(std::make_unique<database>(around_, std::move(content), 1));
  hosts_[home_] = all_.back().get();
}

database& database_hosts::any() const {
  database* const other = hosts_[1 - home_];
  return other != nullptr && around_.random.percent(30) ? *other : newest();
}

void database_hosts::split() {
  if (newest().is_cut_off()) return;
  newest().cut_off();
  const auto lease = std::chrono::duration_cast<moment>(newest().rules().lease_time);
  const bool at_once = around_.random.percent(50);
  const moment later = at_once ? moment{1} : moment{around_.random.between(1, 20'000)};
  around_.time.after(lease + later, [this, number = ++splits_] {
    // It may have failed over meanwhile, and even been cut off once more.
    if (number == splits_ && newest().is_cut_off()) promote();
  });
}

void database_hosts::promote() {
  database& old = newest();
  const std::size_t host = 1 - home_;
  if (hosts_[host] != nullptr) hosts_[host]->die();
  all_.push_back(old.promote_standby());
  hosts_[host] = all_.back().get();
  home_ = host;
  around_.lost(false);
  around_.time.after(moment{around_.random.between(1'000, 300'000)}, [this, &old] {
    old.die();
    for (database*& one : hosts_) {
      if (one == &old) one = nullptr;
    }
  });
}

}  // namespace factord::simulation
