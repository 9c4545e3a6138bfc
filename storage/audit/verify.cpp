#include "storage/audit/verify.hpp"

#include <utility>

#include "storage/audit/verify_pass.hpp"

namespace factord::storage {

result<verify_report> verify(const log_source& store, const verify_progress& progress) {
  findings found{progress};
  // The log first: what the states are compared with.
  if (const auto read = verify_log(store, found); !read) return read.error();
  if (const auto read = verify_users(store, found); !read) return read.error();
  if (const auto read = verify_retries(store, found); !read) return read.error();
  if (const auto read = verify_counts(store, found); !read) return read.error();
  return std::move(found.report);
}

}  // namespace factord::storage
