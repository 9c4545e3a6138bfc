#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace factord::storage {

/// A primary. A standby that was promoted is another one, and so is a server that was restarted.
struct server_tag {
  std::uint32_t timeline = 0;   ///< raised by every promotion
  std::int64_t started_at = 0;  ///< of its postmaster, in microseconds

  friend bool operator==(const server_tag&, const server_tag&) = default;
};

/// What a primary has said of itself when it was connected to.
struct server_identity {
  server_tag tag;
  unsigned standbys = 0;  ///< that a commit waits for
};

/// What this process knows of the primary: which is the newest, until when it is known to be that,
/// and how many standbys it waits for. A primary that was cut off from its standbys goes on to
/// answer reads, and does not know of the one in its place. But no standby has confirmed a write of
/// its since. So what it says is taken for the newest only for a while from when the last write was
/// *sent* to it that a standby has confirmed: any time later it may have been alone already. The
/// while has to be shorter than what it takes to promote a standby that has just confirmed one.
///
/// No I/O, no clock. Any thread.
class primary_watch {
 public:
  using time = std::chrono::steady_clock::time_point;

  explicit primary_watch(std::chrono::milliseconds lease) : lease_(lease) {}

  /// A primary that holds the store was connected to.
  void see(const server_identity& server);
  /// Of those that were seen. 0: none was.
  [[nodiscard]] std::uint32_t newest_timeline() const;
  /// Whether a newer one was seen.
  [[nodiscard]] bool outdated(const server_tag& server) const;

  /// It has committed, and told so, what was sent to it then, and its standbys have it.
  void acknowledged(const server_tag& server, time sent);
  /// Whether what it has said by now is taken for the newest.
  [[nodiscard]] bool current(const server_tag& server, time now) const;

  /// A process there waits for standbys, and nobody listens to it any more.
  void leave_waiting(const server_tag& server, int process);
  /// One of those of this server, told once; those of others are forgotten.
  [[nodiscard]] std::optional<int> take_waiting(const server_tag& server);

  /// How many standbys have what a commit has answered (standbys.hpp): 0 before it is known.
  void see_standbys(unsigned demanded) noexcept { standbys_ = demanded; }
  [[nodiscard]] unsigned standbys() const noexcept { return standbys_; }

 private:
  const std::chrono::milliseconds lease_;
  std::atomic<unsigned> standbys_ = 0;

  mutable std::mutex mutex_;  ///< guards all below
  std::uint32_t newest_ = 0;
  server_tag holder_;
  time until_ = time::min();  ///< of the holder
  std::vector<std::pair<server_tag, int>> waiting_;
};

}  // namespace factord::storage
