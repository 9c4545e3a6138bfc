#include "server/protocol/wire/content_coding.hpp"

#include <gtest/gtest.h>

namespace factord::protocol::content_coding_test {
namespace {

TEST(content_coding, is_gzip_once_or_none) {
  using enum content_coding;
  for (const std::string_view value :
       {"", " ", ",", "identity", "Identity", "identity, identity"}) {
    EXPECT_EQ(find_content_coding(value), identity) << value;
  }
  for (const std::string_view value : {"gzip", "GZip", "x-gzip", " gzip ", "gzip,", ",\tgzip",
                                       "identity, gzip", "gzip, identity"}) {
    EXPECT_EQ(find_content_coding(value), gzip) << value;
  }
  for (const std::string_view value :
       {"br", "deflate", "zstd", "gzip, gzip", "gzip,x-gzip", "gzip, br", "br, gzip", "gzip2",
        "x-gzip2", "gzip;q=1", "gzip gzip", "identity br", "*"}) {
    EXPECT_EQ(find_content_coding(value), unknown) << value;
  }
}

}  // namespace
}  // namespace factord::protocol::content_coding_test
