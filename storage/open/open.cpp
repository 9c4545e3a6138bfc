#include "storage/open/open.hpp"

#include "storage/base/check.hpp"
#include "storage/postgres/store.hpp"

namespace factord::storage {

namespace {

result<std::unique_ptr<engine>> open_engine(const store_location& where, const session_rules& rules,
                                            const directory_lock* lock,
                                            const store_options& options) {
  if (where.is_shared()) {
    return open_postgres_store(where.database(), {.rules = rules, .notice = options.notice});
  }
  FACTORD_CHECK(lock != nullptr);
  return open_store(where.directory(), *lock, options);
}

}  // namespace

result<std::unique_ptr<engine>> open_to_serve(const store_location& where,
                                              const directory_lock* lock,
                                              const serve_options& options) {
  session_rules rules;
  rules.require_standby = options.require_standby;
  return open_engine(where, rules, lock, options.directory);
}

result<std::unique_ptr<engine>> open_to_fill(const store_location& where,
                                             const directory_lock* lock,
                                             const store_options& options) {
  return open_engine(where, patient_rules(), lock, options);
}

result<std::unique_ptr<log_source>> open_to_read(const store_location& where,
                                                 const directory_lock* lock,
                                                 const store_options& options) {
  if (where.is_shared()) return open_postgres_snapshot(where.database(), patient_rules());
  FACTORD_CHECK(lock != nullptr);
  return open_store_read_only(where.directory(), *lock, options);
}

result<std::string> make_store(const store_location& where) {
  return make_postgres_store(where.database(), patient_rules());
}

}  // namespace factord::storage
