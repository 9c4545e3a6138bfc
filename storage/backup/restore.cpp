#include "storage/backup/restore.hpp"

#include <memory>
#include <utility>

#include "storage/backup/building_site.hpp"
#include "storage/base/held_directory.hpp"

namespace factord::storage {

namespace fs = std::filesystem;

namespace {

result<std::uint64_t> choose_last(const restore_request& request, const backup_entry& from) {
  const std::uint64_t last = request.to_sequence.value_or(from.sequence);
  const bool given = request.to_sequence.has_value();
  if (!given || (last >= 1 && last <= from.sequence)) return last;
  return error{errc::bad_argument,
               "backup " + std::to_string(from.id) + " holds the sequences 1 to " +
                   std::to_string(from.sequence) + ", not " + std::to_string(last)};
}

}  // namespace

result<restore_report> restore(const backup_reader& backups, const restore_request& request,
                               const fs::path& dir, const restore_progress& progress) {
  // 1. From what? Before anything is made.
  const auto from = backups.find(request.backup);
  if (!from) return from.error();
  const auto last = choose_last(request, *from);
  if (!last) return last.error();

  const store_options lean = lean_store_options(request.table_files / 2, request.notice);

  // 2. Into what?
  if (const auto apart = backups.check_apart(dir); !apart) return apart.error();
  const auto site = building_site::open(dir);
  if (!site) return site.error();

  // 3. Is the backup whole? What is damaged outside its log would not be found by replaying that.
  progress("checking", 0, from->bytes);
  if (const auto whole = backups.check_files(from->id); !whole) return whole.error();
  progress("checking", from->bytes, from->bytes);
  const auto source = backups.open_store(*from, lean);
  if (!source) return source.error();

  // 4. Make the store, and put it in its place.
  const replay_plan plan{.last = *last, .known = from->sequence, .tokens = request.tokens};
  const auto made = (*site)->build(**source, plan, lean, progress);
  if (!made) return made.error();
  if (const auto placed = (*site)->publish(); !placed) return with_paths(placed.error());
  return restore_report{*from, made->store_id, made->replayed};
}

}  // namespace factord::storage
