#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>

#include "server/base/limits.hpp"
#include "server/service/call.hpp"
#include "storage/engine/memory_engine.hpp"
#include "tests/support/connection_client.hpp"
#include "tests/support/connection_program.hpp"

namespace factord::testing {

/// What must hold of one connection, whose client is `client`: each of it is a FACTORD_CHECK. Of a
/// client that sent bytes nobody made with care hardly anything is known.
class connection_model {
 public:
  connection_model(const shape& how, connection_client& client)
      : bounds_(how.bounds), client_(client) {}

  /// The client sends no more, since the store had come or gone so often.
  std::optional<std::size_t> ended;
  bool cut = false;  ///< the connection may end before everything is answered

  /// A call was started: under the name of a request that was sent, with its bytes, and once.
  void note(const service::call& started);

  /// How things are once nothing goes on any more.
  struct moment {
    bool over = false;            ///< the connection has ended
    bool serving = false;         ///< as it was last told
    std::size_t store_steps = 0;  ///< how often that changed
  };
  void check_answers(const moment& now);
  void check_events(const storage::memory_engine& store) const;

  [[nodiscard]] std::size_t watches() const;
  /// HTTP/1.1: there is a bulk whose turn never comes, so it is under way until its client leaves.
  [[nodiscard]] bool bulk_behind_watch() const;

 private:
  void check_answer(const request_sent& to);
  void check_watch(const request_sent& to);
  void check_bulk(const request_sent& to, const answer_parts& answer);
  /// Requests behind it are not taken.
  [[nodiscard]] std::size_t last_taken() const;
  [[nodiscard]] std::size_t first_watch() const;
  [[nodiscard]] bool is_due(const request_sent& answer_to) const;

  const limits& bounds_;
  connection_client& client_;
  moment now_;
  std::map<std::string, std::size_t> executed_;  ///< how often each user's request was
  std::size_t removed_known_ = 0;                ///< answers 200 to that
};

}  // namespace factord::testing
