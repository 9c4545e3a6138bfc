#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "storage/base/check.hpp"
#include "storage/postgres/statements.hpp"

/// What goes between a session and the database, without the library that brings it there: so a
/// session can be driven without one. An exchange is some requests, sent together, and a reply to
/// each of them in their order, and then the end of the exchange. After a request that failed the
/// others of its exchange are skipped.
namespace factord::storage {

/// A statement and its parameters, in the binary format (binary.hpp): views of its maker's memory.
struct sql_request {
  sql which;
  std::array<std::string_view, 8> parameters{};
  std::size_t count = 0;
  std::optional<std::size_t> writes = {};  ///< so many rows, or it was not done as it was told

  [[nodiscard]] sql_request writing(std::optional<std::size_t> rows) const {
    sql_request told = *this;
    told.writes = rows;
    return told;
  }

  template <class... Bytes>
  [[nodiscard]] static sql_request of(sql which, const Bytes&... parameters) {
    FACTORD_CHECK(sizeof...(parameters) == statement_of(which).parameters.size());
    return {which, {std::string_view{parameters}...}, sizeof...(parameters)};
  }
};

/// The rows of a reply, their columns in the binary format. Views are valid as long as the reply.
class sql_rows {
 public:
  [[nodiscard]] virtual std::size_t size() const noexcept = 0;
  /// Nothing: null, or no such column. The row must be there.
  [[nodiscard]] virtual std::optional<std::string_view> cell(std::size_t row,
                                                             std::size_t column) const = 0;

 protected:
  ~sql_rows() = default;
};

/// What the database says to one request. Views are valid for the call that it is given to.
struct sql_reply {
  enum class kind { done, failed, skipped };
  kind how = kind::skipped;
  std::string_view tag = {};       ///< of done: what it was, e.g. "UPDATE 1"
  const sql_rows* rows = nullptr;  ///< of done, where it has some
  std::string_view code = {};      ///< of failed: five characters, SQLSTATE
  std::string_view message = {};   ///< of failed: for people
};

/// What comes of an exchange that was sent, one thing at a time. Views are valid until the next.
struct exchange_event {
  enum class kind {
    warning,
    reply,  ///< to the request whose turn it is
    end,    ///< of the exchange
    lost,   ///< the connection has ended
    late,   ///< nothing, by the time given
  };
  kind what = kind::lost;
  sql_reply reply = {};
  std::string_view text = {};  ///< of a warning or a loss, for people
};

/// Why a request failed, kept.
struct sql_failure {
  std::string code;
  std::string message;
};

}  // namespace factord::storage
