#include "server/protocol/wire/rpc_form.hpp"
#include "storage/base/enum_table.hpp"

#include <gtest/gtest.h>

namespace factord::protocol::rpc_form_test {
namespace {

TEST(rpc_form, each_content_type_finds_its_own_form) {
  for (std::size_t i = 1; i < count_of<rpc_form>; ++i) {
    const auto form = static_cast<rpc_form>(i);
    EXPECT_EQ(find_rpc_form(traits(form).content_type), form);
  }
}

TEST(rpc_form, case_and_parameters_do_not_matter) {
  EXPECT_EQ(find_rpc_form("Application/JSON; charset=utf-8"), rpc_form::connect_json);
  EXPECT_EQ(find_rpc_form("application/grpc ;x"), rpc_form::grpc);
}

TEST(rpc_form, all_else_has_none) {
  for (const std::string_view type :
       {"", ";", " ", "application/grpc+json", "application/grpcx", "application/grpc-we",
        "text/plain", "application/json2", "application/connect", " application/json"}) {
    EXPECT_EQ(find_rpc_form(type), rpc_form::none) << type;
  }
}

}  // namespace
}  // namespace factord::protocol::rpc_form_test
