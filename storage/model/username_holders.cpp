#include "storage/model/username_holders.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>

namespace factord::storage {

namespace {

std::optional<username_record> parse(std::string_view record) {
  username_record name;
  if (!name.ParseFromArray(record.data(), static_cast<int>(record.size()))) return std::nullopt;
  return name;
}

}  // namespace

void add_holder(username_record& name, std::string_view user_id) {
  auto& ids = *name.mutable_user_ids();
  const auto place = std::lower_bound(ids.begin(), ids.end(), user_id);
  if (place != ids.end() && *place == user_id) return;
  const auto position = place - ids.begin();
  ids.Add(std::string{user_id});
  std::rotate(ids.begin() + position, ids.end() - 1, ids.end());
}

void remove_holder(username_record& name, std::string_view user_id) {
  auto& ids = *name.mutable_user_ids();
  ids.erase(std::remove(ids.begin(), ids.end(), user_id), ids.end());
}

bool holds_all(std::string_view record, std::string_view of) {
  const auto name = parse(record);
  const auto part = parse(of);
  if (!name || !part || name->SerializeAsString() != record) return false;
  const auto& ids = name->user_ids();
  // Strictly ascending: in order, and each once.
  return std::adjacent_find(ids.begin(), ids.end(), std::greater_equal<>{}) == ids.end() &&
         std::includes(ids.begin(), ids.end(), part->user_ids().begin(), part->user_ids().end());
}

std::uint64_t count_holders(std::string_view record) {
  const auto name = parse(record);
  return name && name->user_ids_size() > 0 ? static_cast<std::uint64_t>(name->user_ids_size()) : 1;
}

}  // namespace factord::storage
