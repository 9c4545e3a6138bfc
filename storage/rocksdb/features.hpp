#pragma once

#include <rocksdb/write_batch.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/error.hpp"
#include "storage/model/format.hpp"
#include "storage/rocksdb/database.hpp"

namespace factord::storage {

/// What a store has beside what the number of its format says, each by a name: 1 to 64 of a-z, 0-9
/// and _. This program's own are the rows of the table in features.cpp.

/// What a program makes of a feature that it does not know.
enum class feature_kind : std::uint8_t {
  original,   ///< there is no such program: it is older than features are
  ignorable,  ///< keeps it and passes over it
  required,   ///< refuses the store, and says its name
};
/// A feature is ignorable only if it is bytes under a key of kind meta, its name, that stay right
/// whatever a program that does not know it writes elsewhere. It is there where its key is.
///
/// Any other is required: a kind of key, an event, a family, a rule of what is written. Its name
/// stands in meta `format`, behind the number: so programs that are older than features refuse it
/// too, for they know no such number.

struct feature {
  std::string_view name;
  feature_kind kind;
};
[[nodiscard]] std::span<const feature> known_features() noexcept;

/// Required from the first event on that has the key of a retry (storage/model/retries.hpp): other
/// programs would end none of them.
inline constexpr std::string_view retries_feature = "retries";

/// Required from the first event on that is within_org (storage/model/records.proto): other
/// programs would take a user for a subject that it is not.
inline constexpr std::string_view within_org_feature = "within_org";

/// Required once the store was reset: its log begins with another id than its own, which other
/// programs would take for damage.
inline constexpr std::string_view renewed_feature = "renewed";

/// What meta `format` says: "2", or "2 one other".
struct store_layout {
  store_format format = store_format::current;
  std::vector<std::string> features = {};  ///< required ones, 64 at most; ascending, none twice
};
[[nodiscard]] std::string to_text(store_format format);
[[nodiscard]] std::string to_text(const store_layout& layout);

/// errc::wrong_format, with what it is in the message, where the number or a feature is not known;
/// errc::corruption where the text is none of a layout. The message goes on from "the store".
[[nodiscard]] result<store_layout> parse_layout(std::string_view text,
                                                std::span<const feature> known = known_features());

/// What the states of a store are of, or were of when an upgrade began.
struct layout_of_states {
  store_layout layout;
  bool half_way = false;  ///< an upgrade from that has not ended
};
/// From meta `format` and `upgrade_from`; fails as parse_layout does, naming `dir`.
[[nodiscard]] result<layout_of_states> judge_layout(const std::filesystem::path& dir,
                                                    std::string_view format,
                                                    const std::optional<std::string>& from);

/// Has a store that other programs would not write rightly from this batch on say so in it: once in
/// a batch, of all that it needs.
[[nodiscard]] result<void> require_features(const rocksdb_database& database,
                                            std::span<const std::string_view> names,
                                            rocksdb::WriteBatch& batch);

/// The features that an open store comes to require by what is written to it. One thread.
class features_in_use {
 public:
  /// `name` is static.
  void use(std::string_view name);
  /// Has a store that does not require them yet do so from this batch on.
  [[nodiscard]] result<void> put_new(const rocksdb_database& database, rocksdb::WriteBatch& batch);

 private:
  std::vector<std::string_view> names_;
  std::size_t put_ = 0;  ///< so many of them, from the front
};

/// A sentence that names the features which the store has and this program passes over, 16 of them
/// at most; nothing where there are none.
[[nodiscard]] result<std::optional<std::string>> describe_ignored(const rocksdb_database& database);

}  // namespace factord::storage
