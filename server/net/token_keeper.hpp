#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "server/service/token_bootstrap.hpp"
#include "storage/base/error.hpp"
#include "storage/commit/commit_queue.hpp"

namespace factord::net {

/// Where the operator keeps a token for the server to make.
struct bootstrap_options {
  std::string file;  ///< empty: there is none
  service::bootstrap_grant grant;
  bool beside_jwts = false;  ///< so its text must not look like one: nobody would ask the store
};

/// The text of that token. errc::bad_argument, naming the file and not the text, where others may
/// read it or what it says is no token.
[[nodiscard]] result<std::string> read_token_file(const bootstrap_options& options);

/// Has the store hold the token that the file says: at the start, and when it is told to read
/// again. A file that is no good then, or a store that does not take it, changes nothing.
class token_keeper {
 public:
  /// Its commands are of `shard`, which is nobody else's. `post` runs a function on the thread that
  /// calls renew(); any thread. All outlive it.
  token_keeper(bootstrap_options options, storage::commit_queue& queue, std::uint32_t shard,
               std::function<void(std::function<void()>)> post);
  token_keeper(const token_keeper&) = delete;
  token_keeper& operator=(const token_keeper&) = delete;

  /// Waits for the commit thread, which runs. Before anybody is served.
  [[nodiscard]] result<void> keep();
  /// Begins it, logs what came of it, and calls `then`: before it returns where there is nothing to
  /// wait for. Begun once more while that is under way, it is done once more before that.
  void renew(std::function<void()> then);

  /// The commit thread: a command of that shard is completed.
  // What it leads to may begin another.
  void completed() {
    const auto then = then_;
    then();
  }

 private:
  [[nodiscard]] result<void> begin(std::function<void()> then);
  [[nodiscard]] result<void> conclude();
  void begin_renewal();
  void renewed();

  // Constant after construction.
  const bootstrap_options options_;
  storage::commit_queue& queue_;
  const std::uint32_t shard_;
  const std::function<void(std::function<void()>)> post_;

  // The commit thread's from begin() to completed(), else the caller's.
  std::unique_ptr<service::token_bootstrap> under_way_;
  std::function<void()> then_;

  // Of who calls renew().
  std::function<void()> once_renewed_;
  bool again_ = false;
};

}  // namespace factord::net
