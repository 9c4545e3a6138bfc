#pragma once

#include <memory>
#include <string>

#include "storage/base/error.hpp"
#include "storage/engine/engine.hpp"
#include "storage/engine/log_source.hpp"
#include "storage/open/location.hpp"
#include "storage/rocksdb/store.hpp"

/// From a location to a store: the one place that knows every engine.
namespace factord::storage {

struct serve_options {
  store_options directory;
  /// Of a database: nothing is written to one that waits for no synchronous standby.
  bool require_standby = false;
};

/// Opens a store to be served. One in a directory is made where there is none, and `lock`, which
/// outlives it, is of that directory (checked); one in a database has to be there (make_store).
/// Of the options of a directory the notice alone counts for a
/// database. Fails as open_store
/// or open_postgres_store.
[[nodiscard]] result<std::unique_ptr<engine>> open_to_serve(const store_location& where,
                                                            const directory_lock* lock,
                                                            const serve_options& options);

/// The same, for a program that fills it and that nobody waits for: of a database it is patient.
[[nodiscard]] result<std::unique_ptr<engine>> open_to_fill(const store_location& where,
                                                           const directory_lock* lock,
                                                           const store_options& options);

/// Opens a store to be read, changing nothing: of a database as it is now, whoever writes to it
/// meanwhile. errc::store_missing where there is none.
[[nodiscard]] result<std::unique_ptr<log_source>> open_to_read(const store_location& where,
                                                               const directory_lock* lock,
                                                               const store_options& options);

/// Makes a new, empty store in a database; returns its id. Fails as make_postgres_store.
[[nodiscard]] result<std::string> make_store(const store_location& where);

}  // namespace factord::storage
