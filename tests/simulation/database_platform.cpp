#include "tests/simulation/database_platform.hpp"

#include <utility>

#include "tests/simulation/database_readers.hpp"

namespace factord::simulation {

database_platform::database_platform(database_hosts& to, simulated_thread& commit_thread,
                                     std::shared_ptr<const point> seen)
    : to_(to),
      run_(to.newest().around().run),
      events_(to.newest().around().time),
      random_(to.newest().around().random),
      seen_(std::move(seen)),
      commit_thread_(commit_thread) {}

std::unique_ptr<storage::session_io> database_platform::make_io(use what,
                                                                storage::primary_watch& watch) {
  const std::array threads{&commit_thread_, &look_ups_, &walks_};
  const auto place = static_cast<std::size_t>(what);
  auto made = std::make_unique<database_io>(to_, *threads[place], watch, seen_);
  connections_[place] = made.get();
  return made;
}

std::unique_ptr<storage::readers> database_platform::start(
    std::unique_ptr<storage::read_session> look_ups, std::unique_ptr<storage::read_session> walks) {
  using reader = database_readers::reader;
  const auto look_time = std::chrono::duration_cast<moment>(run_.of_database.rules.look_time);
  return std::make_unique<database_readers>(events_, random_,
                                            reader{look_ups_, std::move(look_ups), look_time},
                                            reader{walks_, std::move(walks), moment{0}});
}

void database_platform::cut() { connections_[random_.below(connections_.size())]->cut(); }

bool database_platform::in_transaction() const {
  return connections_[static_cast<std::size_t>(use::writing)]->in_transaction();
}

}  // namespace factord::simulation
