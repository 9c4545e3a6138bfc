#pragma once

#include <cstdint>

namespace factord::storage {

/// How a store lays out its states (storage/model/keys.hpp draws the current format). Its number is
/// kept in the store; a program refuses numbers that it does not know. The event log is the same in
/// all.
///
/// A store of an earlier format is brought to the current one when it is opened for writing
/// (storage/rocksdb/format_upgrade.hpp). Opened for reading only it stays what it is, and `evolve`
/// gives its states as its format has them, so that verify can compare.
enum class store_format : std::uint8_t {
  first = 1,
  current = 2,  ///< tokens are found by their ids, usernames without regard to case
};

}  // namespace factord::storage
