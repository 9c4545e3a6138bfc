#include "storage/open/open.hpp"

#include "storage/base/check.hpp"
#include "storage/postgres/store.hpp"

namespace factord::storage {

result<std::unique_ptr<engine>> open_to_write(const store_location& where,
                                              const directory_lock* lock,
                                              const store_options& options) {
  if (where.is_shared()) return open_postgres_store(where.database(), {.notice = options.notice});
  FACTORD_CHECK(lock != nullptr);
  return open_store(where.directory(), *lock, options);
}

result<std::unique_ptr<log_source>> open_to_read(const store_location& where,
                                                 const directory_lock* lock,
                                                 const store_options& options) {
  if (where.is_shared()) return open_postgres_snapshot(where.database());
  FACTORD_CHECK(lock != nullptr);
  return open_store_read_only(where.directory(), *lock, options);
}

result<std::string> make_store(const store_location& where) {
  return make_postgres_store(where.database());
}

}  // namespace factord::storage
