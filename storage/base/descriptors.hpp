#pragma once

#include <cstddef>

namespace factord {

/// Where the descriptors 0, 1 or 2 are closed, opens /dev/null there, so that no file of ours gets
/// one of them, and with it what others write to standard output or to a log. Reading or writing
/// fails as it does on a closed one: output that is lost is an error still. First of all in main;
/// ends the process where nothing can be opened.
void open_standard_files() noexcept;

/// Raises how many descriptors this process may have (RLIMIT_NOFILE) to its hard limit, and returns
/// what it is then.
std::size_t raise_descriptor_limit() noexcept;

/// How many descriptors an open store takes.
struct store_files {
  /// Beside its tables: logs, manifest, directories, tables that are being written.
  static constexpr std::size_t own = 24;
  /// What a backup adds to that while it is made.
  static constexpr std::size_t of_a_backup = 16;
  /// Kinds of tables, and how many of one kind are in use while it is walked from end to end, at
  /// most: those of level 0 and one of each other level, and a few that may come meanwhile.
  static constexpr std::size_t kinds = 3;
  static constexpr std::size_t of_a_walk = 60;
};

}  // namespace factord
