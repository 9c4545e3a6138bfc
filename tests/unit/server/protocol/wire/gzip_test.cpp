#include "server/protocol/wire/gzip.hpp"

#include <gtest/gtest.h>
#include <zlib.h>

#include "tests/unit/server/protocol/wire/gzip_maker.hpp"

namespace factord::protocol::gzip_test {
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

// RFC 1952, section 2.2: members follow one another, with nothing between them.
TEST(gzip, joins_members_up_to_the_limit) {
  std::string out;
  for (const std::size_t first : {0U, 1U, 1023U, 1024U, 1025U, 3000U}) {
    for (const std::size_t second : {0U, 1U, 1024U, 5000U}) {
      const std::string text = std::string(first, 'a') + std::string(second, 'b') + "end";
      const std::string members = make_gzip(std::string(first, 'a')) +
                                  make_gzip(std::string(second, 'b')) + make_gzip("end");
      EXPECT_EQ(gunzip(members, text.size(), out), unzipped::ok) << first << " " << second;
      EXPECT_EQ(out, text);
      EXPECT_EQ(gunzip(members, text.size() - 1, out), unzipped::too_large);
      EXPECT_EQ(gunzip(members.substr(0, members.size() - 1), text.size(), out),
                unzipped::malformed);
    }
  }
  std::string empty_ones;
  for (int i = 0; i < 3000; ++i) empty_ones += make_gzip("");
  EXPECT_EQ(gunzip(empty_ones, 0, out), unzipped::ok);
  EXPECT_EQ(out, "");
}

TEST(gzip, refuses_what_follows_the_last_member) {
  using namespace std::string_literals;
  const std::string whole = make_gzip("some text");
  const std::string more = make_gzip("more");
  std::string out;
  for (const std::string& rest : {"x"s, "\0"s, std::string(512, '\0'), "\x1f"s, "\x1f\x8b"s,
                                  "\x1f\x8b\x08"s, more.substr(0, more.size() / 2), "\n" + more}) {
    EXPECT_EQ(gunzip(whole + rest, 100, out), unzipped::malformed) << rest.size();
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
}  // namespace factord::protocol::gzip_test
