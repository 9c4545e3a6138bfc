#include "server/protocol/gzip.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include "tests/unit/protocol/gzip_maker.hpp"

namespace factord::protocol {
namespace {

TEST(gzip, gives_back_what_was_compressed_up_to_the_limit) {
  for (const std::size_t size : {0U, 1U, 1023U, 1024U, 1025U, 70'000U}) {
    const std::string text(size, 'a');
    std::string out = "old";
    EXPECT_EQ(gunzip(make_gzip(text), size, out), unzipped::ok) << size;
    EXPECT_EQ(out, text);
    EXPECT_EQ(gunzip(make_gzip(text + "b"), size, out), unzipped::too_large) << size;
    EXPECT_LE(out.size(), size + 1);
  }
}

TEST(gzip, refuses_all_that_is_no_whole_member) {
  const std::string whole = make_gzip("some text");
  std::string out;
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    EXPECT_EQ(gunzip(whole.substr(0, cut), 100, out), unzipped::malformed) << cut;
  }
  EXPECT_EQ(gunzip(whole + "x", 100, out), unzipped::malformed);
  EXPECT_EQ(gunzip("plain", 100, out), unzipped::malformed);
  std::string damaged = whole;
  damaged[whole.size() - 5] = static_cast<char>(damaged[whole.size() - 5] ^ 1);
  EXPECT_EQ(gunzip(damaged, 100, out), unzipped::malformed);
}

}  // namespace
}  // namespace factord::protocol
