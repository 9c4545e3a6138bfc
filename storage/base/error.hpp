#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>
#include <string>
#include <string_view>
#include <system_error>

namespace factord {

/// What went wrong, for code that must act on it. The message beside it is for people.
enum class errc {
  io_error = 1,    ///< the operating system or the disk failed; the outcome of a write is unknown
  storage_failed,  ///< an earlier write failed: the store refuses everything until a restart
  corruption,      ///< stored bytes do not hold together
  wrong_format,    ///< a store, but of a format, or with a feature, that this program does not know
  not_a_store,     ///< a data directory that holds something else
  store_missing,   ///< a data directory without a store, where one is needed
  store_locked,    ///< another process holds the data directory
  bad_argument,    ///< the caller's input is at fault
  already_exists,  ///< what should be made is there already
  unavailable,     ///< the other side (a running server, usually) cannot be reached
};

/// The name of a code as it stands in logs, e.g. "corruption".
[[nodiscard]] std::string_view name(errc code) noexcept;

/// An expected failure: a code to act on and a sentence that names file, offset, key or cause.
struct error {
  errc code;
  std::string message;
};

/// What the operating system says of something that was being done, e.g. "listing /data".
[[nodiscard]] error file_error(const std::string& doing, const std::error_code& cause);

/// Turns an error that reached `result::value()` unchecked into an exception. Only start-up code
/// lets that happen.
[[noreturn]] void throw_exception_from_error(const error& failure,
                                             const boost::source_location& where);

/// A value or an expected failure. Broken invariants are FACTORD_CHECK, never this.
template <class T>
using result = boost::system::result<T, error>;

}  // namespace factord
