#include "tests/simulation/database_readers.hpp"

#include <utility>
#include <vector>

namespace factord::simulation {

database_readers::database_readers(scheduler& events, random_bits& random, reader look_ups,
                                   reader walks)
    : events_(events), random_(random), look_ups_(std::move(look_ups)), walks_(std::move(walks)) {
  begin(look_ups_);
  begin(walks_);
}

database_readers::~database_readers() {
  look_ups_.thread.end();
  walks_.thread.end();
}

void database_readers::begin(reader& of) {
  events_.after(moment{0}, [&of, weak = std::weak_ptr<bool>(alive_)] {
    if (!weak.expired()) of.thread.run([&of] { serve(of); });
  });
}

void database_readers::ask(line in, storage::read_job job) {
  reader& of = in == line::walks ? walks_ : look_ups_;
  of.waiting.add(std::move(job));
  events_.after(moment{random_.between(1, 60)}, [&of, weak = std::weak_ptr<bool>(alive_)] {
    if (!weak.expired()) of.thread.wake();
  });
}

void database_readers::serve(reader& of) {
  constexpr moment for_ever = std::chrono::hours{1};
  const bool looks = of.look_time > moment{0};
  for (;;) {
    const moment until = of.thread.now() + (looks ? of.look_time : for_ever);
    while (of.waiting.empty() && of.thread.now() < until) of.thread.wait(until);
    auto jobs = of.waiting.take();
    if (!jobs.empty()) {
      of.session->answer(jobs);
    } else if (looks) {
      of.session->look();
    }
  }
}

}  // namespace factord::simulation
