#include "storage/open/copy.hpp"

#include <utility>

#include "storage/base/held_directory.hpp"
#include "storage/engine/wait_for.hpp"
#include "storage/postgres/store.hpp"

namespace factord::storage {

namespace {

result<built_store> copy_to_directory(const log_source& from, const replay_plan& plan,
                                      const std::filesystem::path& dir, const copy_request& request,
                                      const build_progress& progress) {
  const auto site = building_site::open(dir);
  if (!site) return site.error();
  auto made =
      (*site)->build(from, plan, lean_store_options(request.table_files, request.notice), progress);
  if (!made) return made;
  if (const auto placed = (*site)->publish(); !placed) return with_paths(placed.error());
  return made;
}

result<built_store> copy_to_database(const log_source& from, const replay_plan& plan,
                                     const postgres_location& database, const copy_request& request,
                                     const build_progress& progress) {
  const auto begun = unfinished_postgres_store::make(
      database, {.rules = patient_rules(), .notice = request.notice});
  if (!begun) return begun.error();
  auto made = replay(
      from, plan, (*begun)->store(),
      [&progress](std::uint64_t done, std::uint64_t total) { progress("events", done, total); });
  if (!made) return made.error();
  if (const auto finished = (*begun)->finish(); !finished) return finished.error();
  return built_store{(*begun)->store().store_id(), *std::move(made)};
}

}  // namespace

result<built_store> copy_store(const log_source& from, const store_location& to,
                               const copy_request& request, const build_progress& progress) {
  const auto head =
      wait_for<events_answer>([&from](auto done) { from.read_events(0, 0, std::move(done)); });
  if (!head) return head.error();
  const std::uint64_t last = head->head.sequence;
  const replay_plan plan{.last = last, .known = last, .tokens = request.tokens};
  if (to.is_shared()) return copy_to_database(from, plan, to.database(), request, progress);
  return copy_to_directory(from, plan, to.directory(), request, progress);
}

}  // namespace factord::storage
