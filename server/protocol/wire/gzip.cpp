#include "server/protocol/wire/gzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <memory>

#include "storage/base/check.hpp"

namespace factord::protocol {
namespace {

struct inflate_end {
  void operator()(z_stream* stream) const { inflateEnd(stream); }
};

// zlib's way to say: a gzip header, and a window of any size.
constexpr int gzip_window = 15 + 16;
constexpr std::size_t first_guess = 1024;

}  // namespace

unzipped gunzip(std::string_view bytes, std::size_t max, std::string& out) {
  z_stream stream{};
  FACTORD_CHECK(inflateInit2(&stream, gzip_window) == Z_OK);
  const std::unique_ptr<z_stream, inflate_end> guard(&stream);
  // zlib reads through this pointer only.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // NOLINT
  stream.avail_in = static_cast<uInt>(bytes.size());
  out.clear();
  for (std::size_t written = 0;;) {
    if (stream.avail_out == 0) {
      // One byte more than is allowed tells a message at the limit from one past it.
      out.resize(std::min(std::max(first_guess, out.size() * 2), max + 1));
      stream.next_out = reinterpret_cast<Bytef*>(out.data() + written);
      stream.avail_out = static_cast<uInt>(out.size() - written);
    }
    const int status = inflate(&stream, Z_NO_FLUSH);
    written = out.size() - stream.avail_out;
    if (written > max) return unzipped::too_large;
    if (status == Z_STREAM_END) {
      if (stream.avail_in == 0) {
        out.resize(written);
        return unzipped::ok;
      }
      // Another member, or what is none.
      FACTORD_CHECK(inflateReset(&stream) == Z_OK);
    } else if (status != Z_OK || stream.avail_out > 0) {
      return unzipped::malformed;
    }
  }
}

}  // namespace factord::protocol
