#include "storage/postgres/failures.hpp"

#include <algorithm>
#include <array>

namespace factord::storage {

namespace {

struct known_code {
  std::string_view code;
  failure_kind kind;
};

constexpr std::array known_codes{
    known_code{"23502", failure_kind::conflict},  // not_null_violation: the guard
    known_code{"40001", failure_kind::conflict},  // serialization_failure
    known_code{"40P01", failure_kind::conflict},  // deadlock_detected
    known_code{"55P03", failure_kind::conflict},  // lock_not_available: the lock timeout
    known_code{"40003", failure_kind::unknown},   // statement_completion_unknown
    known_code{"23505",
               failure_kind::damaged},  // unique_violation: the log goes on beyond its head
    known_code{"XX001", failure_kind::damaged},  // data_corrupted
    known_code{"XX002", failure_kind::damaged},  // index_corrupted
};

}  // namespace

failure_kind kind_of_failure(std::string_view code) noexcept {
  const auto* const found = std::ranges::find(known_codes, code, &known_code::code);
  return found == known_codes.end() ? failure_kind::unavailable : found->kind;
}

error to_error(const sql_failure& failure) {
  const errc code =
      kind_of_failure(failure.code) == failure_kind::damaged ? errc::corruption : errc::unavailable;
  return {code, "the database: " + failure.message + " (" + failure.code + ")"};
}

}  // namespace factord::storage
