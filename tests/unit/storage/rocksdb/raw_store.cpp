#include "tests/unit/storage/rocksdb/raw_store.hpp"

#include <stdexcept>

#include "storage/model/keys.hpp"
#include "storage/model/records.pb.h"

namespace factord::storage::testing {

namespace {

void expect_ok(const rocksdb::Status& status) {
  if (!status.ok()) throw std::runtime_error{status.ToString()};
}

}  // namespace

raw_store::raw_store(const std::filesystem::path& files) {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  rocksdb::DB* opened = nullptr;
  expect_ok(rocksdb::DB::Open(options, files.string(),
                              {{"default", {}}, {"events", {}}, {"user_events", {}}}, &families_,
                              &opened));
  db_.reset(opened);
}

raw_store::~raw_store() {
  for (rocksdb::ColumnFamilyHandle* family : families_) db_->DestroyColumnFamilyHandle(family);
}

void raw_store::put(std::size_t family, const std::string& key, const std::string& value) {
  expect_ok(db_->Put({}, families_[family], key, value));
}

void raw_store::erase(std::size_t family, const std::string& key) {
  expect_ok(db_->Delete({}, families_[family], key));
}

std::string raw_store::get(std::size_t family, const std::string& key) {
  std::string value;
  expect_ok(db_->Get({}, families_[family], key, &value));
  return value;
}

std::uint64_t raw_store::files_at_level_0(std::size_t family) {
  std::string files;
  if (!db_->GetProperty(families_[family], rocksdb::DB::Properties::kNumFilesAtLevelPrefix + "0",
                        &files)) {
    throw std::runtime_error{"no such property"};
  }
  return std::stoull(files);
}

void raw_store::make_format_1() {
  const std::unique_ptr<rocksdb::Iterator> at{db_->NewIterator({}, families_[states])};
  for (at->Seek("i"); at->Valid() && at->key().starts_with("i"); at->Next()) {
    erase(states, at->key().ToString());
  }
  expect_ok(at->status());
  unfold_names();
  put(states, "mformat", "1");
}

void raw_store::unfold_names() {
  const std::unique_ptr<rocksdb::Iterator> at{db_->NewIterator({}, families_[states])};
  for (at->Seek("n"); at->Valid() && at->key().starts_with("n"); at->Next()) {
    erase(states, at->key().ToString());
  }
  user_record user;
  username_record name;
  std::string key;
  for (at->Seek("u"); at->Valid() && at->key().starts_with("u"); at->Next()) {
    if (!user.ParseFromString(at->value().ToString())) throw std::runtime_error{"no user"};
    if (user.state() == USER_STATE_DELETED) continue;
    name.Clear();
    name.add_user_ids(at->key().ToString().substr(1));
    set_username_key(key, user.resource_owner(), user.username(), store_format::first);
    put(states, key, name.SerializeAsString());
  }
  expect_ok(at->status());
}

void raw_store::add_family(const std::string& name) {
  rocksdb::ColumnFamilyHandle* family = nullptr;
  expect_ok(db_->CreateColumnFamily({}, name, &family));
  families_.push_back(family);
}

}  // namespace factord::storage::testing
