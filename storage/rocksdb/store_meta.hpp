#pragma once

#include <rocksdb/write_batch.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "storage/base/error.hpp"
#include "storage/rocksdb/database.hpp"

namespace factord::storage {

/// What a store says of itself, under the keys of kind meta.

/// Names of what is kept there; each has a row in features.cpp. What a program does not know it
/// keeps, and passes over.
namespace meta {
/// The number of the format and the features that it takes to read the store (features.hpp).
inline constexpr std::string_view format = "format";
inline constexpr std::string_view store_id = "store_id";
/// log_source::chain_start, where it is not the store's id (renewed_feature).
inline constexpr std::string_view chain_start = "chain_start";
inline constexpr std::string_view durability = "durability";
/// The `format` that a store is being upgraded from; absent once that is done.
inline constexpr std::string_view upgrade_from = "upgrade_from";
/// log_head::token_epoch, 8 bytes, changed in the batch of the events that change it. 0 where it is
/// absent, as programs that did not know it have left it. They may write to a store that has it:
/// nothing about a token outlives a process here, so to the next one any number is as good.
inline constexpr std::string_view token_epoch = "token_epoch";
}  // namespace meta

[[nodiscard]] result<std::optional<std::string>> read_meta(const rocksdb_database& database,
                                                           std::string_view name);
void put_meta(const rocksdb_database& database, std::string_view name, std::string_view value,
              rocksdb::WriteBatch& batch);

/// errc::corruption where what is there is no number.
[[nodiscard]] result<std::uint64_t> read_token_epoch(const rocksdb_database& database);
/// Allocates nothing in the steady state.
void put_token_epoch(const rocksdb_database& database, std::uint64_t epoch,
                     rocksdb::WriteBatch& batch);

/// What is told of a database that is no store.
[[nodiscard]] error not_ours(const std::filesystem::path& dir);

/// Writes durably, in every mode. A failure latches (rocksdb_database::failure).
[[nodiscard]] result<void> write_synced(const rocksdb_database& database,
                                        rocksdb::WriteBatch& batch);

}  // namespace factord::storage
