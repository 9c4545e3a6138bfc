// gzip: a body is never larger than it may be, whatever it claims; what zlib packed comes back, of
// several members the one behind the other.

#include <zlib.h>

#include <string>

#include "server/protocol/wire/gzip.hpp"
#include "storage/base/check.hpp"
#include "tests/fuzz/input.hpp"

namespace factord::protocol {
namespace {

constexpr std::size_t max_bytes = 4096;

std::string gzip(std::string_view bytes) {
  z_stream stream{};
  FACTORD_CHECK(deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));  // NOLINT
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  FACTORD_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

void check(std::string_view input) {
  std::string out;
  const unzipped how = gunzip(input, max_bytes, out);
  if (how == unzipped::ok) {
    FACTORD_CHECK(out.size() <= max_bytes);
    std::string exact;
    FACTORD_CHECK(gunzip(input, out.size(), exact) == unzipped::ok && exact == out);
    if (!out.empty()) {
      FACTORD_CHECK(gunzip(input, out.size() - 1, exact) == unzipped::too_large);
    }
  }
  const std::string packed = gzip(input);
  FACTORD_CHECK(gunzip(packed, input.size(), out) == unzipped::ok && out == input);
  FACTORD_CHECK(gunzip(packed + "x", input.size(), out) == unzipped::malformed);
  FACTORD_CHECK(gunzip(packed + packed, 2 * input.size(), out) == unzipped::ok &&
                out == std::string(input) + std::string(input));
  // What is a text by itself is one behind another as well.
  if (how == unzipped::ok) {
    std::string both;
    FACTORD_CHECK(gunzip(input, max_bytes, out) == unzipped::ok);
    FACTORD_CHECK(gunzip(packed + std::string(input), input.size() + max_bytes, both) ==
                      unzipped::ok &&
                  both == std::string(input) + out);
  }
  FACTORD_CHECK(gunzip(std::string_view(packed).substr(0, packed.size() - 1), input.size(), out) ==
                unzipped::malformed);
}

}  // namespace
}  // namespace factord::protocol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  factord::protocol::check(factord::fuzz::as_text(data, size));
  return 0;
}
