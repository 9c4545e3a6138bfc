#include "storage/postgres/store.hpp"

#include <utility>

#include "storage/postgres/connector.hpp"
#include "storage/postgres/engine.hpp"
#include "storage/postgres/libpq_platform.hpp"
#include "storage/postgres/server_check.hpp"
#include "storage/postgres/snapshot.hpp"
#include "storage/postgres/tables.hpp"

namespace factord::storage {

result<std::string> make_postgres_store(const postgres_location& location,
                                        const session_rules& rules) {
  return make_tables(location, rules, current_format());
}

result<std::unique_ptr<engine>> open_postgres_store(const postgres_location& location,
                                                    const postgres_options& options) {
  std::string store_id;
  const auto tried = connect_to_store(location, options.rules, statements_of_writers(), store_id,
                                      time_for_all(location, options.rules));
  if (!tried) return tried.error();
  auto made = std::make_unique<postgres_engine>(
      std::make_unique<libpq_platform>(location, options.rules, store_id), options.rules, store_id,
      options.notice);
  made->see((*tried)->server());
  return made;
}

result<std::unique_ptr<log_source>> open_postgres_snapshot(const postgres_location& location,
                                                           const session_rules& rules) {
  auto made = postgres_snapshot::open(location, rules);
  if (!made) return made.error();
  return std::unique_ptr<log_source>{*std::move(made)};
}

result<std::unique_ptr<unfinished_postgres_store>> unfinished_postgres_store::make(
    const postgres_location& location, const postgres_options& options) {
  auto id = make_tables(location, options.rules, unfinished_format());
  if (!id) return id.error();
  return std::unique_ptr<unfinished_postgres_store>{
      new unfinished_postgres_store{location, options, *std::move(id)}};
}

unfinished_postgres_store::unfinished_postgres_store(const postgres_location& location,
                                                     const postgres_options& options,
                                                     const std::string& id)
    : location_(location),
      rules_(options.rules),
      store_(std::make_unique<postgres_engine>(
          std::make_unique<libpq_platform>(location, rules_, id), rules_, id, options.notice,
          postgres_engine::clock::caller)) {}

unfinished_postgres_store::~unfinished_postgres_store() {
  if (finished_) return;
  const auto dropped =
      alter_store(location_, rules_, store_->store_id(), sql_request::of(sql::drop_store));
  // It says of itself what it is.
  (void)dropped;
}

result<void> unfinished_postgres_store::finish() {
  // What is answered too late may be done all the same, and others may write to it already.
  finished_ = true;
  const std::string format = current_format();
  return alter_store(location_, rules_, store_->store_id(),
                     sql_request::of(sql::set_format, format));
}

}  // namespace factord::storage
