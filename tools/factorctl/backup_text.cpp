#include "tools/factorctl/backup_text.hpp"

#include <boost/json/serialize.hpp>
#include <string_view>

#include "storage/base/rfc3339.hpp"
#include "tools/factorctl/admin_client.hpp"
#include "tools/factorctl/text_table.hpp"

namespace factord::ctl {
namespace {

std::string line(std::string_view key, std::string_view value) {
  return std::string{key} + ": " + printable(value) + '\n';
}

}  // namespace

std::string time_text(timestamp time) {
  std::string text;
  append_rfc3339(text, time);
  return text;
}

std::string format_made_backup(const boost::json::object& answer) {
  std::string out;
  for (const std::string_view key :
       {"backupId", "directory", "takenAt", "bytes", "storeId", "lastSequence", "headHash"}) {
    out += line(key, member(answer, key));
  }
  return out;
}

std::string format_backups(const std::vector<storage::backup_entry>& entries) {
  std::vector<std::vector<std::string>> rows;
  for (const storage::backup_entry& one : entries) {
    if (one.damaged) {
      rows.push_back({std::to_string(one.id), "damaged", "-", "-", "-", "-"});
      continue;
    }
    rows.push_back({std::to_string(one.id), time_text(one.taken_at), std::to_string(one.bytes),
                    std::to_string(one.sequence), printable(one.store_id),
                    storage::to_hex(one.hash)});
  }
  return format_table({"ID", "TAKEN AT", "BYTES", "LAST SEQUENCE", "STORE ID", "HEAD HASH"}, rows);
}

std::string format_backups_as_json(const std::vector<storage::backup_entry>& entries) {
  std::string out;
  for (const storage::backup_entry& one : entries) {
    boost::json::object object{{"backupId", std::to_string(one.id)}};
    if (one.damaged) {
      object["damaged"] = true;
    } else {
      object["takenAt"] = time_text(one.taken_at);
      object["bytes"] = std::to_string(one.bytes);
      object["storeId"] = one.store_id;
      object["lastSequence"] = std::to_string(one.sequence);
      object["headHash"] = storage::to_hex(one.hash);
    }
    out += boost::json::serialize(object) + '\n';
  }
  return out;
}

std::string format_copied(std::string_view from_store_id, const storage::built_store& made) {
  return line("storeId", made.store_id) +
         line("lastSequence", std::to_string(made.replayed.head.sequence)) +
         line("headHash", storage::to_hex(made.replayed.head.hash)) +
         line("tokensEnded", std::to_string(made.replayed.tokens_ended)) +
         line("fromStoreId", from_store_id) +
         line("fromSequence", std::to_string(made.replayed.replayed));
}

std::string format_restored(const storage::restore_report& report) {
  return line("storeId", report.store_id) +
         line("lastSequence", std::to_string(report.made.head.sequence)) +
         line("headHash", storage::to_hex(report.made.head.hash)) +
         line("tokensEnded", std::to_string(report.made.tokens_ended)) +
         line("fromBackup", std::to_string(report.from.id)) +
         line("fromStoreId", report.from.store_id) +
         line("fromSequence", std::to_string(report.made.replayed));
}

}  // namespace factord::ctl
