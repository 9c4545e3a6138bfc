#include "storage/rocksdb/failure/status.hpp"

#include <string>

#include "storage/base/check.hpp"
#include "storage/base/held_directory.hpp"

namespace factord::storage {

namespace {

errc code_of(const rocksdb::Status& status) {
  switch (status.code()) {
    case rocksdb::Status::kCorruption:
      return errc::corruption;
    // What we ask for ourselves is always valid, so these speak of the files that were found.
    case rocksdb::Status::kInvalidArgument:
    case rocksdb::Status::kNotSupported:
      return errc::wrong_format;
    default:
      return errc::io_error;
  }
}

}  // namespace

error to_error(const rocksdb::Status& status, std::string_view doing) {
  FACTORD_CHECK(!status.ok());
  return {code_of(status), with_paths(std::string{doing} + ": " + status.ToString())};
}

}  // namespace factord::storage
