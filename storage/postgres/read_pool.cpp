#include "storage/postgres/read_pool.hpp"

#include <utility>

namespace factord::storage {

namespace {

/// What shares a round trip, at most.
constexpr std::size_t jobs_at_once = 64;

/// Their turn has come too late: a database that says nothing would be waited for once more.
void end_late_ones(std::vector<read_job>& jobs) {
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(jobs, [now](const read_job& one) {
    if (now < one.by) return false;
    one.done(error{errc::unavailable, "the database has not answered others in time"});
    return true;
  });
}

}  // namespace

read_pool::read_pool(const session_rules& rules, head_latch& latch, primary_watch& watch,
                     const read_session::connect& connect)
    : look_time_(rules.look_time),
      read_time_(rules.read_time),
      look_ups_(rules, latch, watch, connect),
      walks_(rules, latch, watch, connect) {
  look_ups_.running = thread{"look-ups", [this] { serve(look_ups_); }};
  walks_.running = thread{"walks", [this] { serve(walks_); }};
}

read_pool::~read_pool() {
  {
    const std::lock_guard lock{mutex_};
    ending_ = true;
  }
  changed_.notify_all();
  look_ups_.running.join();
  walks_.running.join();
}

void read_pool::ask(line in, read_job job) {
  job.by = std::chrono::steady_clock::now() + read_time_;
  {
    const std::lock_guard lock{mutex_};
    (in == line::walks ? walks_ : look_ups_).waiting.push_back(std::move(job));
    ++open_;
  }
  changed_.notify_all();
}

void read_pool::wait() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return open_ == 0; });
}

/// Waits for jobs, or until it is time to look. False once there are none and will be none.
bool read_pool::take(reader& of, std::vector<read_job>& jobs) {
  std::unique_lock lock{mutex_};
  const auto wanted = [&] { return ending_ || !of.waiting.empty(); };
  if (&of == &walks_) {
    changed_.wait(lock, wanted);
  } else if (!changed_.wait_for(lock, look_time_, wanted)) {
    return true;
  }
  while (!of.waiting.empty() && jobs.size() < jobs_at_once) {
    jobs.push_back(std::move(of.waiting.front()));
    of.waiting.pop_front();
  }
  return !jobs.empty();
}

void read_pool::serve(reader& of) {
  std::vector<read_job> jobs;
  while (take(of, jobs)) {
    if (jobs.empty()) {
      of.session.look();
      continue;
    }
    const std::size_t answered = jobs.size();
    end_late_ones(jobs);
    if (!jobs.empty()) of.session.answer(jobs);
    jobs.clear();  // what they hold goes on this side of "done"
    {
      const std::lock_guard lock{mutex_};
      open_ -= answered;
    }
    changed_.notify_all();
  }
}

}  // namespace factord::storage
