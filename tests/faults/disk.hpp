#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/faults/watched_files.hpp"

namespace factord::storage::testing {

/// The files of a store by name.
using file_contents = std::map<std::string, std::string>;

[[nodiscard]] file_contents read_files(const std::filesystem::path& directory);
void write_files(const std::filesystem::path& directory, const file_contents& files);

/// Where to put them: in memory where there is room, because these tests decide themselves what was
/// synced, and need not wait for a disk.
[[nodiscard]] std::filesystem::path scratch_space();

/// What a power cut does to what no sync had made durable.
enum class power_cut {
  loses,     ///< all of it is gone
  keeps,     ///< all of it happened to be written: what a kill leaves
  tears,     ///< a beginning is there, its last write cut at any byte
  scatters,  ///< of what was overwritten, any sectors are there; what was appended is torn
};

/// A disk as careless as POSIX allows, within reason: file data is durable once its file was
/// synced, names once their directory was. Between two syncs, names change on the disk in their
/// order (file systems log them), sectors within a file in any, and a file does not grow past data
/// that is missing. What a failed sync left behind is never durable: no later sync knows of it.
class disk {
 public:
  /// Everything here is durable.
  explicit disk(const file_contents& files);

  void apply(const file_event& event, bool ok);

  /// The files after a power cut now. The disk itself goes on.
  [[nodiscard]] file_contents after(power_cut cut, std::mt19937_64& random) const;

  static constexpr std::size_t sector_bytes = 512;

 private:
  struct change {
    bool truncates;
    std::uint64_t offset;
    std::string bytes;
    bool forgotten;  ///< by a sync that failed
  };
  struct file {
    std::string durable;
    std::vector<change> pending;
  };
  using names = std::map<std::string, std::shared_ptr<file>, std::less<>>;
  /// A name set to a file, or to none.
  struct renaming {
    std::string name;
    std::shared_ptr<file> to;
  };

  static void apply_change(std::string& content, const change& wanted);
  static std::string content_after(const file& one, power_cut cut, std::mt19937_64& random);
  static void tear(std::string& content, const file& one, std::mt19937_64& random);
  static void scatter(std::string& content, const file& one, std::mt19937_64& random);
  static void scatter_write(std::string& content, const change& wanted, std::mt19937_64& random);
  void set_name(std::string_view name, std::shared_ptr<file> to);

  names durable_;
  std::vector<renaming> pending_;
  names now_;
};

}  // namespace factord::storage::testing
