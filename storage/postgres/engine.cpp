#include "storage/postgres/engine.hpp"

#include <utility>

#include "storage/base/check.hpp"
#include "storage/postgres/connector.hpp"

namespace factord::storage {

postgres_engine::postgres_engine(const postgres_location& location, const session_rules& rules,
                                 std::string store_id, writer_session::notice notice)
    : location_(location),
      rules_(rules),
      store_id_(std::move(store_id)),
      writer_(rules_, latch_, connect(statements_of_writers()), std::move(notice)),
      reads_(rules_, latch_, connect(statements_of_readers())) {}

postgres_engine::~postgres_engine() { stop(); }

read_session::connect postgres_engine::connect(std::span<const sql> statements) const {
  return [this, statements](postgres_connection::time by) {
    std::string same = store_id_;
    return connect_to_store(location_, rules_, statements, same, by);
  };
}

void postgres_engine::on_background_failure(std::function<void(const error& failure)> tell) {
  latch_.on_fenced(std::move(tell));
}

result<log_head> postgres_engine::load(state_table& table) { return writer_.load(table); }

result<commit_status> postgres_engine::commit(const state_table& table,
                                              std::span<const new_event> events) {
  return writer_.commit(table, events);
}

void postgres_engine::abandon() { writer_.abandon(); }

/// What a commit has answered is durable already.
result<void> postgres_engine::sync() {
  if (auto fenced = latch_.fenced()) return *std::move(fenced);
  return {};
}

void postgres_engine::stop() {
  on_background_failure({});
  // Before it counts as stopped: callbacks may still read.
  reads_.wait();
  stopped_.store(true, std::memory_order_release);
}

void postgres_engine::ask(read_pool::line in, read_job job) const {
  FACTORD_CHECK(!stopped_.load(std::memory_order_acquire));
  reads_.ask(in, std::move(job));
}

}  // namespace factord::storage
