// Lines of bulks whose start takes a look-up: the order of the events is that of the lines.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/server/protocol/bulk_fixture.hpp"
#include "tests/unit/support/late_engine.hpp"

namespace factord::protocol::bulk_order_test {
namespace {

using namespace bulk_testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class bulk_order : public bulk_fixture {
 protected:
  bulk_order() {
    path_ = addition_path;
    add_user("clerk", "acme");
    by_ = token("clerk", {service::role::iam_owner});
    before_ = last_sequence();
    read_from(late_);
    begin();
    settle();
    while (late_.answer_one()) settle();
  }

  /// The organization of a line that names none is looked up.
  static std::string line_for(const std::string& id, const std::string& more = {}) {
    return "{\"userId\":\"" + id + "\",\"username\":\"" + id +
           R"(","profile":{"givenName":"G","familyName":"F"},"email":{"email":"a@b.ch"})" + more +
           "}\n";
  }
  static std::string named(const std::string& id, const std::string& org = "acme") {
    return line_for(id, R"(,"organization":{"orgId":")" + org + "\"}");
  }
  std::string made(std::uint64_t line, const std::string& id, std::uint64_t behind) const {
    return "{\"line\":" + std::to_string(line) + R"(,"userId":")" + id +
           R"(","status":201,"sequence":")" + std::to_string(before_ + behind) + "\"}";
  }

  storage::late_engine late_{store_.shared()};
};

TEST_F(bulk_order, one_that_ends_does_not_let_the_next_overtake_one_that_is_looked_up) {
  send(named("n1") + line_for("n2") + named("n3") + line_for("n4"));
  EXPECT_THAT(take(), ElementsAre(made(1, "n1", 1)));
  EXPECT_EQ(last_sequence(), before_ + 1) << "the third waits for the second";
  ASSERT_TRUE(late_.answer_one());
  EXPECT_THAT(take(), ElementsAre(made(2, "n2", 2), made(3, "n3", 3)));
  ASSERT_TRUE(late_.answer_one());
  EXPECT_THAT(take(), ElementsAre(made(4, "n4", 4)));
  end();
  EXPECT_THAT(take(), ElementsAre());
  EXPECT_TRUE(ended_);
}

TEST_F(bulk_order, one_whose_look_up_finds_nothing_lets_the_next_begin) {
  // Refused before it is in the queue.
  by_ = token("homeless", {service::role::iam_owner});
  before_ = last_sequence();
  sent_.clear();
  use_surface(surface::api);
  begin();
  settle();
  while (late_.answer_one()) settle();
  send(line_for("n1") + named("n2") + line_for("n3"));
  EXPECT_THAT(take(), ElementsAre());
  ASSERT_TRUE(late_.answer_one());
  EXPECT_THAT(take(), ElementsAre(HasSubstr("organization is required"), made(2, "n2", 1)));
  ASSERT_TRUE(late_.answer_one());
  EXPECT_THAT(take(), ElementsAre(StartsWith(R"({"line":3,"userId":"n3","status":400,)")));
}

}  // namespace
}  // namespace factord::protocol::bulk_order_test
