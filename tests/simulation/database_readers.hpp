#pragma once

#include <memory>

#include "storage/postgres/read_queue.hpp"
#include "storage/postgres/read_session.hpp"
#include "storage/postgres/readers.hpp"
#include "tests/simulation/random.hpp"
#include "tests/simulation/simulated_thread.hpp"

namespace factord::simulation {

/// The readers of a server, on threads that the seed lets go on.
class database_readers final : public storage::readers {
 public:
  /// Of one line. The thread has nothing to do, and outlives this.
  struct reader {
    simulated_thread& thread;
    std::unique_ptr<storage::read_session> session;
    moment look_time;  ///< no time: it does not look
    storage::read_queue waiting = {};
  };

  database_readers(scheduler& events, random_bits& random, reader look_ups, reader walks);
  /// The process has ended: its threads do nothing more.
  ~database_readers() override;

  void ask(line in, storage::read_job job) override;
  // Nobody waits for a process that has ended.
  void wait() override {}

 private:
  void begin(reader& of);
  [[noreturn]] static void serve(reader& of);

  scheduler& events_;
  random_bits& random_;
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  reader look_ups_;
  reader walks_;
};

}  // namespace factord::simulation
