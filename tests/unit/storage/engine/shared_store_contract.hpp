#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "storage/engine/engine.hpp"
#include "tests/unit/storage/commit/commands.hpp"

namespace factord::storage::testing {

/// Two engines on one new store, as servers on one database have them: for
/// shared_store_contract_test.cpp.
struct engine_pair {
  std::shared_ptr<engine> one;
  std::shared_ptr<engine> other;
};
struct pair_case {
  std::string name;
  std::function<engine_pair()> open;
};

inline void PrintTo(const pair_case& one, std::ostream* out) { *out << one.name; }

/// What tests of engines that share a store do with one of them.
struct shared_store_steps {
  static log_head head_of(engine& of) {
    state_table nothing;
    const log_head head = of.load(nothing).value();
    of.abandon();
    return head;
  }
  static event_record added(std::string_view user) {
    return event_of(event_type::otp_email_added, user);
  }
  /// Opens a transaction in which a state is put.
  static void begin(engine& with, state_table& table, std::string_view key) {
    table.want(key);
    ASSERT_TRUE(with.load(table));
    table.put(key, "a record");
  }
};

class shared_store_contract : public ::testing::TestWithParam<pair_case>,
                              protected shared_store_steps {
 protected:
  engine& one() { return *pair_.one; }
  engine& other() { return *pair_.other; }

 private:
  const engine_pair pair_ = GetParam().open();
};

}  // namespace factord::storage::testing
