#include "server/protocol/wire/json_error.hpp"

#include <gtest/gtest.h>

namespace factord::protocol::json_error_test {
namespace {

TEST(json_error, has_the_details_of_what_has_an_id_and_no_others) {
  std::string out = "before ";
  write_json_error({service::status_code::not_found, "ID", "no \"a\""}, out);
  const std::string what = R"x("code":5,"message":"no \"a\" (ID)")x";
  const std::string detail =
      R"({"@type":"type.googleapis.com/zitadel.v1.ErrorDetail","id":"ID","message":"no \"a\""})";
  EXPECT_EQ(out, "before {" + what + ",\"details\":[" + detail + "]}");
  out.clear();
  write_json_error({service::status_code::unavailable, "", "not now"}, out);
  EXPECT_EQ(out, R"({"code":14,"message":"not now"})");
}

TEST(json_error, of_what_is_refused_as_a_whole_is_escaped_too) {
  EXPECT_EQ(to_json({400, 3, "no \"a\"\n"}), R"({"code":3,"message":"no \"a\"\n"})");
}

}  // namespace
}  // namespace factord::protocol::json_error_test
