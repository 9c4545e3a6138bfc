#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "storage/base/error.hpp"
#include "storage/base/helper_thread.hpp"
#include "storage/model/state_table.hpp"
#include "storage/rocksdb/database.hpp"
#include "storage/rocksdb/lookup_list.hpp"

namespace factord::storage {

/// Looks up what a batch wants to know. A look-up of a user of many is a few waits for memory, and
/// of a bulk they are the most of a batch: so a second thread shares those of a large one, and does
/// what the next one wants while this one is decided and written. Used by the commit thread only.
class state_loader {
 public:
  /// `database` outlives it.
  explicit state_loader(const rocksdb_database& database);

  /// Fills every entry but those of last events, which are no records. Nothing is written
  /// meanwhile.
  [[nodiscard]] result<void> load(state_table& table);

  /// Looks up, on the second thread, what the next load but one is going to ask for, or much of it,
  /// in about that order. It stays as it is until that load.
  void expect(const state_table& next);

  /// What a commit of this table has changed is not as it was looked up meanwhile.
  void note_commit(const state_table& committed);

  /// Nor is anything else, after a write that nobody has loaded for.
  void forget();

 private:
  void end_expecting();
  void use_expected(state_table& table);
  void look_up();

  lookup_list wanted_;
  lookup_list expected_;
  bool expecting_ = false;           ///< what is expected is being looked up
  std::vector<std::size_t> places_;  ///< of what is wanted, in the table
  const std::function<void()> take_wanted_;
  const std::function<void()> take_expected_;
  std::unique_ptr<helper_thread> helper_;  ///< null where there is no core for it
};

}  // namespace factord::storage
