#include "storage/rocksdb/wal/durable_ends.hpp"

#include <rocksdb/file_system.h>

#include <charconv>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

#include "storage/rocksdb/failure/status.hpp"
#include "storage/rocksdb/wal/crc32c.hpp"
#include "storage/rocksdb/wal/wal_file.hpp"

namespace factord::storage {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view file_name = "EXTENTS";
constexpr std::string_view manifest_prefix = "MANIFEST-";

error damaged(const fs::path& file, const std::string& how) {
  return {errc::corruption, file.string() + " " + how};
}

/// All but its last line, which is the checksum of the others.
std::string text_of(const durable_ends& kept) {
  return "manifest " + std::to_string(kept.manifest) + " " + std::to_string(kept.manifest_bytes) +
         "\nwal " + std::to_string(kept.wal) + " " + std::to_string(kept.wal_bytes) + "\n";
}

std::string with_checksum(const std::string& text) {
  return text + "crc32c " + std::to_string(crc32c(text)) + "\n";
}

result<std::string> content_of(rocksdb::FileSystem& files, const fs::path& file) {
  std::string content;
  const auto read = rocksdb::ReadFileToString(&files, file.string(), &content);
  if (!read.ok()) return to_error(read, "reading " + file.string());
  return content;
}

/// What was kept; nothing in a store that never kept any.
result<std::optional<durable_ends>> read_durable_ends(rocksdb::FileSystem& files,
                                                      const fs::path& store) {
  const fs::path file = store / file_name;
  if (!fs::exists(file)) return std::nullopt;
  const auto content = content_of(files, file);
  if (!content) return content.error();
  durable_ends kept;
  std::string word;
  std::istringstream{*content} >> word >> kept.manifest >> kept.manifest_bytes >> word >>
      kept.wal >> kept.wal_bytes;
  if (*content != with_checksum(text_of(kept))) {
    return damaged(file, "is damaged: what it says about the other files cannot be trusted");
  }
  return kept;
}

/// The manifest that CURRENT names.
result<fs::path> current_manifest(rocksdb::FileSystem& files, const fs::path& store) {
  const fs::path current = store / "CURRENT";
  const auto content = content_of(files, current);
  if (!content) return content.error();
  std::string name = *content;
  if (!name.starts_with(manifest_prefix) || !name.ends_with('\n')) {
    return damaged(current, "is damaged: it names no manifest");
  }
  name.pop_back();
  std::error_code failure;
  if (!fs::is_regular_file(store / name, failure)) {
    return damaged(current, "is damaged, or a file is lost: there is no " + name);
  }
  return store / name;
}

std::string lacks(std::uint64_t end, std::uint64_t kept) {
  return "is damaged: it ends at offset " + std::to_string(end) + ", of " + std::to_string(kept) +
         " bytes that had been written";
}

result<void> check_manifest(rocksdb::FileSystem& files, const fs::path& store,
                            const std::optional<durable_ends>& kept) {
  const auto manifest = current_manifest(files, store);
  if (!manifest) return manifest.error();
  const auto judged = judge_log(files, *manifest, log_content::anything);
  if (!judged) return judged.error();
  if (judged->verdict.end == wal_end::damaged) {
    return damaged(*manifest, "is damaged at offset " + std::to_string(judged->verdict.offset) +
                                  ": intact records follow");
  }
  const std::uint64_t number = manifest_number(manifest->filename().string());
  if (!kept || number > kept->manifest) return {};
  if (number < kept->manifest) {
    return damaged(store / "CURRENT", "is damaged: it names " + manifest->filename().string() +
                                          ", which an earlier run of the server made");
  }
  if (judged->verdict.offset >= kept->manifest_bytes) return {};
  return damaged(*manifest, lacks(judged->verdict.offset, kept->manifest_bytes));
}

result<void> check_wal(rocksdb::FileSystem& files, const fs::path& store,
                       const durable_ends& kept) {
  const auto newest = newest_wal(store);
  if (!newest) return newest.error();
  if (!*newest || (*newest)->number < kept.wal) {
    return error{errc::corruption, "a log is missing in " + store.string() + ": number " +
                                       std::to_string(kept.wal) + ", or a later one"};
  }
  if ((*newest)->number > kept.wal) return {};
  const auto judged = judge_log(files, (*newest)->file);
  if (!judged) return judged.error();
  if (judged->verdict.offset >= kept.wal_bytes) return {};
  return damaged((*newest)->file, lacks(judged->verdict.offset, kept.wal_bytes));
}

}  // namespace

std::uint64_t manifest_number(std::string_view name) {
  const std::size_t at = name.find(manifest_prefix);
  if (at == std::string_view::npos) return 0;
  const std::string_view digits = name.substr(at + manifest_prefix.size());
  std::uint64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

result<void> write_durable_ends(rocksdb::FileSystem& files, const fs::path& store,
                                const durable_ends& kept) {
  const std::string target = (store / file_name).string();
  const std::string fresh = target + ".dbtmp";
  auto done = rocksdb::WriteStringToFile(&files, with_checksum(text_of(kept)), fresh, true);
  if (done.ok()) done = files.RenameFile(fresh, target, {}, nullptr);
  std::unique_ptr<rocksdb::FSDirectory> directory;
  if (done.ok()) done = files.NewDirectory(store.string(), {}, &directory, nullptr);
  if (done.ok()) done = directory->FsyncWithDirOptions({}, nullptr, {});
  if (!done.ok()) return to_error(done, "writing " + target);
  return {};
}

result<void> check_durable_ends(rocksdb::FileSystem& files, const fs::path& store) {
  if (!fs::exists(store / "CURRENT")) return {};
  const auto kept = read_durable_ends(files, store);
  if (!kept) return kept.error();
  if (const auto intact = check_manifest(files, store, *kept); !intact) return intact;
  return *kept ? check_wal(files, store, **kept) : result<void>{};
}

}  // namespace factord::storage
