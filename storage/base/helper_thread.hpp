#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>

#include "storage/base/thread.hpp"

namespace factord {

/// A second thread for work that can be shared out: its owner does it, and so does this one, if it
/// comes to it before all is done. So a core that is free is used, and one that is not is not
/// waited for.
class helper_thread {
 public:
  /// Throws std::system_error where no thread is to be had.
  explicit helper_thread(const std::string& name);
  ~helper_thread();
  helper_thread(const helper_thread&) = delete;
  helper_thread& operator=(const helper_thread&) = delete;

  /// Calls `work` here, and perhaps beside that once more on the helper, and returns when both have
  /// returned. It takes parts of what is to be done until there are none, and must not throw. One
  /// caller at a time.
  void share(const std::function<void()>& work);

  /// The same in two steps, for who has something else to do first: the helper may begin at once,
  /// and finish() does here what is left. `work` stays until then.
  void offer(const std::function<void()>& work);
  void finish();

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  const std::function<void()>* work_ = nullptr;  ///< of the owner: what finish() is to do
  // Guarded by mutex_.
  const std::function<void()>* offered_ = nullptr;
  bool helping_ = false;
  bool ending_ = false;

  thread thread_;  ///< last: it uses all of these
};

}  // namespace factord
