#include "storage/rocksdb/opened_store.hpp"

#include <memory>

#include "storage/model/event_value.hpp"
#include "storage/model/keys.hpp"
#include "storage/rocksdb/failure/status.hpp"
#include "storage/rocksdb/options.hpp"
#include "storage/rocksdb/store_meta.hpp"

namespace factord::storage {

result<log_head> read_head(const rocksdb_database& database, std::string_view chain_start) {
  const auto epoch = read_token_epoch(database);
  if (!epoch) return epoch.error();
  const std::unique_ptr<rocksdb::Iterator> at{
      database.db().NewIterator(range_options(nullptr), database.events())};
  at->SeekToLast();
  if (!at->status().ok()) return to_error(at->status(), "reading the end of the log");
  auto head = result<log_head>{empty_log_head(chain_start)};
  if (at->Valid()) {
    if (at->key().size() != sizeof(std::uint64_t))
      return error{errc::corruption, "the last key of the log is no sequence"};
    head = head_at(read_sequence(at->key().ToStringView()), at->value().ToStringView());
  }
  if (head) head->token_epoch = *epoch;
  return head;
}

}  // namespace factord::storage
