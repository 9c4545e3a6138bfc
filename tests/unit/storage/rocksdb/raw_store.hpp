#pragma once

#include <rocksdb/db.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace factord::storage::testing {

/// The families of a closed store, open to whatever a test does to them. Throws where it cannot.
class raw_store {
 public:
  explicit raw_store(const std::filesystem::path& files);
  ~raw_store();
  raw_store(const raw_store&) = delete;
  raw_store& operator=(const raw_store&) = delete;

  static constexpr std::size_t states = 0;
  static constexpr std::size_t events = 1;
  static constexpr std::size_t index_of_users = 2;

  void put(std::size_t family, const std::string& key, const std::string& value);
  void erase(std::size_t family, const std::string& key);
  std::string get(std::size_t family, const std::string& key);
  /// How many files of a family nobody has merged yet.
  std::uint64_t files_at_level_0(std::size_t family);
  /// Turns a store of the current format into one of format 1, as programs left it that knew no
  /// other.
  void make_format_1();
  /// Adds a family that is none of ours.
  void add_family(const std::string& name);

 private:
  void unfold_names();

  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
};

}  // namespace factord::storage::testing
