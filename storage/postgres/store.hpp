#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "storage/base/error.hpp"
#include "storage/engine/engine.hpp"
#include "storage/postgres/location.hpp"
#include "storage/postgres/session_rules.hpp"

namespace factord::storage {

struct postgres_options {
  session_rules rules = {};
  /// A notice from the storage layer for the log of the program; on the commit thread. May be
  /// empty.
  std::function<void(std::string_view text)> notice = {};
};

/// Makes the tables of a new, empty store in the schema `factord` of a database, in one
/// transaction; returns its id. errc::already_exists where that schema is there already, which is
/// left as it is; otherwise as open_postgres_store.
[[nodiscard]] result<std::string> make_postgres_store(const postgres_location& location,
                                                      const session_rules& rules = {});

/// Opens the store in a database, which others may have opened too. Changes nothing there.
/// errc::unavailable where no host of the location can be reached, lets us in and takes writes,
/// errc::bad_argument where its settings, or what is in between, make nothing durable
/// (server_check.hpp), errc::store_missing where no store was made, errc::wrong_format where a
/// newer program has made it, errc::not_a_store where something else has.
[[nodiscard]] result<std::unique_ptr<engine>> open_postgres_store(
    const postgres_location& location, const postgres_options& options = {});

/// The store as it is now, to be read, whatever others write to it meanwhile; nothing is latched or
/// checked of who else may write. Fails as open_postgres_store; its readers fail once its
/// connection is lost.
[[nodiscard]] result<std::unique_ptr<log_source>> open_postgres_snapshot(
    const postgres_location& location, const session_rules& rules = {});

/// A new store that is being filled: nobody else can open it before it is finished, and where it
/// never is, it is gone with this object. One thread.
class unfinished_postgres_store {
 public:
  /// As make_postgres_store.
  [[nodiscard]] static result<std::unique_ptr<unfinished_postgres_store>> make(
      const postgres_location& location, const postgres_options& options = {});
  ~unfinished_postgres_store();
  unfinished_postgres_store(const unfinished_postgres_store&) = delete;
  unfinished_postgres_store& operator=(const unfinished_postgres_store&) = delete;

  /// To fill it, with what has happened at other times: its clock is the caller's.
  [[nodiscard]] engine& store() noexcept { return *store_; }

  /// From then on it is a store as any other. Where this fails it may be: it is not removed then.
  [[nodiscard]] result<void> finish();

 private:
  unfinished_postgres_store(const postgres_location& location, const postgres_options& options,
                            const std::string& id);

  const postgres_location location_;
  const session_rules rules_;
  const std::unique_ptr<engine> store_;
  bool finished_ = false;
};

}  // namespace factord::storage
