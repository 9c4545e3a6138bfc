#include "storage/rocksdb/lookup_list.hpp"

#include <algorithm>

#include "storage/rocksdb/failure/status.hpp"

namespace factord::storage {
namespace {

// What RocksDB looks up together.
constexpr std::size_t keys_of_a_part = 32;

}  // namespace

void lookup_list::clear() {
  for (std::size_t i = 0; i < keys_.size(); ++i) records_[i].Reset();
  keys_.clear();
}

void lookup_list::add(std::string_view key) {
  keys_.emplace_back(key.data(), key.size());
  if (records_.size() < keys_.size()) {
    records_.emplace_back();
    statuses_.emplace_back();
    forgotten_.emplace_back();
  }
  forgotten_[keys_.size() - 1] = false;
}

void lookup_list::take_parts() {
  for (;;) {
    const std::size_t begin = taken_.fetch_add(keys_of_a_part);
    if (begin >= keys_.size()) return;
    const std::size_t count = std::min(keys_of_a_part, keys_.size() - begin);
    database_.db().MultiGet(rocksdb::ReadOptions{}, database_.states(), count, &keys_[begin],
                            &records_[begin], &statuses_[begin]);
  }
}

void lookup_list::forget_changed(const state_table& committed) {
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const auto place = committed.find(key(i));
    if (place && committed.changed(*place)) forgotten_[i] = true;
  }
}

result<std::optional<std::string_view>> lookup_list::found(std::size_t index) const {
  if (forgotten_[index]) return error{errc::unavailable, "it has changed since"};
  if (statuses_[index].ok()) return std::optional{records_[index].ToStringView()};
  if (statuses_[index].IsNotFound()) return std::optional<std::string_view>{};
  return to_error(statuses_[index], "loading states");
}

}  // namespace factord::storage
