#include "server/protocol/wire/answer_status.hpp"

#include <gtest/gtest.h>

#include "server/protocol/wire/wire_status.hpp"
#include "storage/base/enum_table.hpp"

namespace factord::protocol::answer_status_test {
namespace {

// That each status written down has a phrase is a matter of compilation: `answer_status(418)` is
// none. Those that are looked up are here.
TEST(answer_status_test, every_status_of_a_code_has_a_phrase) {
  for (std::size_t code = 0; code < count_of<service::status_code>; ++code) {
    EXPECT_FALSE(http_status(static_cast<service::status_code>(code)).reason().empty()) << code;
  }
}

TEST(answer_status_test, phrases) {
  EXPECT_EQ(answer_status(505).reason(), "HTTP Version Not Supported");
  EXPECT_EQ(answer_status(414).reason(), "URI Too Long");
  EXPECT_EQ(answer_status(200).reason(), "OK");
  EXPECT_EQ(answer_status().reason(), "");
  EXPECT_EQ(answer_status(), 0U);
}

}  // namespace
}  // namespace factord::protocol::answer_status_test
