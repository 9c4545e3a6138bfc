#pragma once

#include <optional>
#include <string>

#include "storage/model/state_table.hpp"
#include "storage/postgres/commit_requests.hpp"
#include "storage/postgres/exchange.hpp"

namespace factord::storage {

/// What the replies of one exchange of the writer's have said.
struct exchange_outcome {
  std::optional<sql_failure> failure;  ///< the first
  std::string warning;                 ///< the first
  std::string tag;                     ///< of its COMMIT
  std::optional<loaded_head> head;
  std::optional<unsigned> standbys;  ///< that a commit waits for, as it was said last
  std::optional<std::string> found;  ///< the hash or the attempt that was asked for
  bool ours = true;                  ///< everything was as our statements have it
  bool in_step = true;               ///< what follows a failure was skipped, and nothing else

  /// Takes one more reply in. `table`: what the reading of states fills in.
  void take(const sql_request& request, const sql_reply& reply, state_table* table);

 private:
  void take_rows(sql which, const sql_rows& rows, state_table* table);
  void take_states(const sql_rows& rows, state_table& table);
};

}  // namespace factord::storage
