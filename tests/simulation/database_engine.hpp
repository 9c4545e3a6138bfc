#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "storage/postgres/head_latch.hpp"
#include "storage/postgres/writer_session.hpp"
#include "tests/simulation/database_io.hpp"

namespace factord::simulation {

/// The engine of a server on a simulated database: its writer is the real one. What is read, is
/// read at once, from what everybody sees.
class database_engine final : public table_reader<storage::engine> {
 public:
  database_engine(database& of, commit_thread& thread, storage::writer_session::notice tell);

  const std::string& store_id() const noexcept override { return store_id_; }
  storage::durability mode() const noexcept override { return storage::durability::disk; }
  timestamp now() const override { return of_.clock(); }
  bool halves_batches() const noexcept override { return false; }
  bool others_write() const noexcept override { return true; }
  void on_background_failure(std::function<void(const error& failure)> tell) override {
    latch_.on_fenced(std::move(tell));
  }
  result<storage::log_head> load(storage::state_table& table) override;
  result<storage::commit_status> commit(const storage::state_table& table,
                                        std::span<const storage::new_event> events) override;
  void abandon() override;
  result<void> confirm() override { return writer_->confirm(); }
  result<void> sync() override;

  void cut() { io_->cut(); }

 private:
  using point = storage::head_latch::point;
  result<const database_tables*> look() const override;
  void see(const point& end) const;
  template <class T>
  void check_given_up(const result<T>& ended) const;

  database& of_;
  const std::string store_id_ = "store";
  const std::shared_ptr<point> seen_ = std::make_shared<point>();  ///< what check_seen() goes by
  mutable storage::head_latch latch_;
  database_io* io_;  ///< of the writer
  std::unique_ptr<storage::writer_session> writer_;
};

}  // namespace factord::simulation
