#include "server/protocol/wire/base64.hpp"

#include <gtest/gtest.h>

namespace factord::protocol::base64_test {
namespace {

struct vector {
  std::string_view bytes;
  std::string_view text;
};

// RFC 4648, section 10, and all of the alphabet's end.
const vector vectors[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xFB\xEF\xFF", "++//"},
};

TEST(base64, encodes_with_and_without_padding) {
  for (const vector& one : vectors) {
    std::string padded;
    append_base64(padded, one.bytes, padding::equals);
    EXPECT_EQ(padded, one.text);
    std::string bare;
    append_base64(bare, one.bytes, padding::none);
    EXPECT_EQ(bare, one.text.substr(0, one.text.find('=')));
  }
}

TEST(base64, decodes_with_and_without_padding) {
  for (const vector& one : vectors) {
    for (const std::string_view text : {one.text, one.text.substr(0, one.text.find('='))}) {
      std::string bytes;
      EXPECT_TRUE(decode_base64(text, bytes)) << text;
      EXPECT_EQ(bytes, one.bytes);
    }
  }
}

TEST(base64, decodes_padded_pieces_in_a_row) {
  std::string bytes;
  EXPECT_TRUE(decode_base64("Zg==Zm8=Zm9v", bytes));
  EXPECT_EQ(bytes, "ffofoo");
}

TEST(base64, refuses_what_encodes_nothing) {
  for (const std::string_view text :
       {"Z", "Zg=", "Zg==Z", "Zh==", "Zm9=", "====", "Z===", "Zm-v", "Zm9v\n", "=Zg=", "Z=g="}) {
    std::string bytes;
    EXPECT_FALSE(decode_base64(text, bytes)) << text;
  }
}

}  // namespace
}  // namespace factord::protocol::base64_test
