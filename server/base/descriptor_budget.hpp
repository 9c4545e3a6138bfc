#pragma once

#include <cstddef>

#include "storage/base/error.hpp"

namespace factord {

/// What file descriptors are needed for.
struct descriptor_needs {
  std::size_t threads = 1;      ///< of connections
  std::size_t listeners = 2;    ///< the admin socket is one
  std::size_t connections = 1;  ///< as many as are wanted
  std::size_t monitors = 0;     ///< connections of who watches
};

/// How many of each there may be at once, so that all together fit under a limit: the one place
/// where descriptors are counted. What is refused a descriptor waits or is told so; the store may
/// never be refused one, because a write that fails ends the process.
struct descriptor_budget {
  std::size_t connections = 0;
  std::size_t admins = 0;       ///< on the admin socket
  std::size_t refusals = 0;     ///< connections over the limit that are being told so
  std::size_t table_files = 0;  ///< of the store, open for reading

  /// Shares `limit` (RLIMIT_NOFILE) out. The store, a backup and the fixed rest come first, then a
  /// few clients of each kind; of what is left an eighth goes to table files, a sixteenth to
  /// refusals and admins each, until they have all that they can use, and the rest to connections.
  /// What these do not want is for table files again. errc::unavailable, naming the least limit,
  /// where it is below that.
  [[nodiscard]] static result<descriptor_budget> share(std::size_t limit,
                                                       const descriptor_needs& needs);

  /// All but those of the budget: files of the process, of each thread and of the listeners, and
  /// what the store and a backup have open beside table files.
  [[nodiscard]] static std::size_t fixed(const descriptor_needs& needs) noexcept;

  /// For a program that has a store open and nothing else: how many table files.
  [[nodiscard]] static std::size_t table_files_alone(std::size_t limit) noexcept;
};

}  // namespace factord
