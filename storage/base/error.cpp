#include "storage/base/error.hpp"

#include <boost/throw_exception.hpp>
#include <stdexcept>

#include "storage/base/check.hpp"

namespace factord {

std::string_view name(errc code) noexcept {
  switch (code) {
    case errc::io_error:
      return "io_error";
    case errc::storage_failed:
      return "storage_failed";
    case errc::corruption:
      return "corruption";
    case errc::wrong_format:
      return "wrong_format";
    case errc::not_a_store:
      return "not_a_store";
    case errc::store_missing:
      return "store_missing";
    case errc::store_locked:
      return "store_locked";
    case errc::bad_argument:
      return "bad_argument";
    case errc::already_exists:
      return "already_exists";
    case errc::unavailable:
      return "unavailable";
  }
  FACTORD_CHECK(false && "every errc has a name");
  return {};
}

error file_error(const std::string& doing, const std::error_code& cause) {
  return {errc::io_error, doing + ": " + cause.message()};
}

void throw_exception_from_error(const error& failure, const boost::source_location& where) {
  boost::throw_exception(std::runtime_error{failure.message}, where);
}

}  // namespace factord
