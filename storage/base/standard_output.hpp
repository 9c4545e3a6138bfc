#pragma once

#include "storage/base/error.hpp"

namespace factord {

/// Sends off what was written to standard output, by whatever way (stdout, std::cout).
/// errc::io_error where that, or anything written before, did not get out: whoever reads it would
/// miss it, and take what he has for all there is.
[[nodiscard]] result<void> flush_output();

/// The exit code of a program whose product is its standard output and that would end with `code`:
/// 1 where the product did not get out, which `program` then says on standard error.
[[nodiscard]] int end_output(const char* program, int code);

}  // namespace factord
