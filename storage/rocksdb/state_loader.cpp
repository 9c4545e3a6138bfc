#include "storage/rocksdb/state_loader.hpp"

#include <algorithm>
#include <optional>
#include <thread>

#include "storage/model/keys.hpp"
#include "storage/rocksdb/failure/status.hpp"

namespace factord::storage {
namespace {

// What RocksDB looks up together.
constexpr std::size_t keys_of_a_part = 32;
// Fewer are found before another thread has woken up.
constexpr std::size_t shared_from = 192;

}  // namespace

state_loader::state_loader(const rocksdb_database& database) : database_(database) {
  if (database.read_only() || std::thread::hardware_concurrency() == 1) return;
  helper_ = std::make_unique<helper_thread>("loader");
}

result<void> state_loader::load(state_table& table) {
  list_keys(table);
  look_up();
  return hand_over(table);
}

void state_loader::list_keys(const state_table& table) {
  keys_.clear();
  places_.clear();
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::string_view key = table.key(i);
    if (is_last_event_key(key)) continue;
    keys_.emplace_back(key.data(), key.size());
    places_.push_back(i);
  }
  if (records_.size() >= keys_.size()) return;
  records_.resize(keys_.size());
  statuses_.resize(keys_.size());
}

void state_loader::look_up() {
  taken_ = 0;
  if (helper_ == nullptr || keys_.size() < shared_from) return look_up_parts();
  helper_->share([this] { look_up_parts(); });
}

void state_loader::look_up_parts() {
  for (;;) {
    const std::size_t begin = taken_.fetch_add(keys_of_a_part);
    if (begin >= keys_.size()) return;
    const std::size_t count = std::min(keys_of_a_part, keys_.size() - begin);
    database_.db().MultiGet(rocksdb::ReadOptions{}, database_.states(), count, &keys_[begin],
                            &records_[begin], &statuses_[begin]);
  }
}

result<void> state_loader::hand_over(state_table& table) {
  std::optional<error> failure;
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (statuses_[i].ok()) {
      table.set_loaded(places_[i], records_[i].ToStringView());
    } else if (statuses_[i].IsNotFound()) {
      table.set_loaded(places_[i], std::nullopt);
    } else if (!failure) {
      failure = to_error(statuses_[i], "loading states");
    }
    records_[i].Reset();  // lets go of the cached block
  }
  if (failure) return *std::move(failure);
  return {};
}

}  // namespace factord::storage
