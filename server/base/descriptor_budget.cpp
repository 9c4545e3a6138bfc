#include "server/base/descriptor_budget.hpp"

#include <algorithm>
#include <string>

#include "storage/base/descriptors.hpp"

namespace factord {
namespace {

// Standard input, output and error; signals; the lock of the data directory, and what keeps us tied
// to it; the certificate, its key and its authorities, or the configuration, one at a time.
constexpr std::size_t process_files = 3 + 1 + 4 + 2;
// epoll, a timer, and what other threads wake it by.
constexpr std::size_t thread_files = 3;
// The socket, and the directory of one that has a path.
constexpr std::size_t listener_files = 2;
// A connection between its accept and the decision who has it.
constexpr std::size_t accepted_files = 1;
// What nobody has thought of: a library's own, /proc, a resolver.
constexpr std::size_t spare_files = 8;

constexpr std::size_t connections_least = 8;
constexpr std::size_t admins_least = 4;
constexpr std::size_t refusals_least = 4;
constexpr std::size_t clients_least = connections_least + admins_least + refusals_least;

constexpr std::size_t admins_most = 64;
constexpr std::size_t refusals_most = 1000;
// 64 MiB each: more than the largest disk holds, and a number that RocksDB takes.
constexpr std::size_t table_files_most = 1'000'000;

// Each thread walks one family of tables at a time, and so does the merge in the background.
std::size_t table_files_least(std::size_t threads) noexcept {
  return std::min(threads + 1, store_files::kinds) * store_files::of_a_walk;
}

}  // namespace

std::size_t descriptor_budget::fixed(const descriptor_needs& needs) noexcept {
  return process_files + thread_files * needs.threads + listener_files * needs.listeners +
         needs.monitors + accepted_files + store_files::own + store_files::of_a_backup +
         spare_files;
}

result<descriptor_budget> descriptor_budget::share(std::size_t limit,
                                                   const descriptor_needs& needs) {
  const std::size_t taken = fixed(needs) + table_files_least(needs.threads);
  if (limit < taken + clients_least) {
    return error{errc::unavailable, "at least " + std::to_string(taken + clients_least) +
                                        " file descriptors are needed, and " +
                                        std::to_string(limit) +
                                        " are allowed: raise the limit (ulimit -n, LimitNOFILE=)"};
  }
  const std::size_t rest = limit - taken;
  descriptor_budget shared;
  shared.admins = std::clamp(rest / 16, admins_least, admins_most);
  shared.refusals = std::clamp(rest / 16, refusals_least, refusals_most);
  std::size_t left = rest - shared.admins - shared.refusals;
  shared.connections = std::min(needs.connections, std::max(left - rest / 8, connections_least));
  left -= shared.connections;
  shared.table_files = std::min(table_files_least(needs.threads) + left, table_files_most);
  return shared;
}

std::size_t descriptor_budget::table_files_alone(std::size_t limit) noexcept {
  const std::size_t taken = process_files + store_files::own + spare_files;
  const std::size_t least = store_files::kinds * store_files::of_a_walk;
  return std::clamp(limit > taken ? limit - taken : 0, least, table_files_most);
}

}  // namespace factord
