#include "storage/postgres/read_pool.hpp"

#include <utility>

namespace factord::storage {

read_pool::read_pool(const session_rules& rules, std::unique_ptr<read_session> look_ups,
                     std::unique_ptr<read_session> walks)
    : look_time_(rules.look_time),
      look_ups_{{}, std::move(look_ups), {}},
      walks_{{}, std::move(walks), {}} {
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
  {
    const std::lock_guard lock{mutex_};
    (in == line::walks ? walks_ : look_ups_).waiting.add(std::move(job));
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
  jobs = of.waiting.take();
  return !jobs.empty();
}

void read_pool::serve(reader& of) {
  std::vector<read_job> jobs;
  while (take(of, jobs)) {
    if (jobs.empty()) {
      of.session->look();
      continue;
    }
    const std::size_t answered = jobs.size();
    of.session->answer(jobs);
    jobs.clear();  // what they hold goes on this side of "done"
    {
      const std::lock_guard lock{mutex_};
      open_ -= answered;
    }
    changed_.notify_all();
  }
}

}  // namespace factord::storage
