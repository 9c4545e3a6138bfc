#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "storage/base/error.hpp"
#include "storage/postgres/exchange.hpp"
#include "storage/postgres/primary_watch.hpp"

namespace factord::storage {

/// What a server says of itself (sql::look_around).
struct server_facts {
  std::string version_number;  ///< e.g. "150018"
  std::string fsync;
  std::string full_page_writes;
  std::string synchronous_commit;
  std::string read_only;
  std::string in_recovery;
  std::string process;
  std::string timeline;    ///< eight hex digits; empty of a standby
  std::string started_at;  ///< in microseconds
  std::string standby_names;
};

/// Nothing where the rows are not those of sql::look_around.
[[nodiscard]] std::optional<server_facts> facts_of(const sql_rows& rows);

/// Whether a commit there is durable, and can be made. `process`: which one serves the connection
/// by its protocol, 0 where that is not told. errc::bad_argument where the server, or its settings,
/// are not what we may write to; errc::unavailable where it takes no writes, but may later.
[[nodiscard]] result<void> check_server(const server_facts& facts, int process);

/// Which primary that is; nothing where it does not say.
[[nodiscard]] std::optional<server_tag> tag_of(const server_facts& facts) noexcept;

/// The store's rows of meta: what it is.
struct store_identity {
  std::string store_id;
  bool unfinished = false;  ///< whoever made it still fills it
};

/// Names and values of factord.meta.
using meta_rows = std::map<std::string, std::string, std::less<>>;
[[nodiscard]] meta_rows meta_of(const sql_rows& rows);

/// errc::wrong_format where a newer program has made the store, errc::not_a_store where something
/// else has.
[[nodiscard]] result<store_identity> check_meta(const meta_rows& meta);

namespace meta_name {
/// Which tables there are and what is in them: version 1.
inline constexpr std::string_view schema = "schema";
/// How states are laid out (storage/model/format.hpp) and what it takes to read them, as the
/// embedded store has it: a number, and behind it the names of features that a program has to know.
inline constexpr std::string_view format = "format";
inline constexpr std::string_view store_id = "store_id";
}  // namespace meta_name

[[nodiscard]] std::string current_schema();
[[nodiscard]] std::string current_format();
/// The same, of a store that is being filled.
[[nodiscard]] std::string unfinished_format();

}  // namespace factord::storage
