#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/protocol/wire/request.hpp"
#include "server/protocol/wire/response.hpp"
#include "server/protocol/wire/rpc_form.hpp"
#include "server/service/call.hpp"

/// Bulks: requests of many lines, each of which is a call of its own and has a line of the answer
/// (API.md, section 2, "In bulk"). Over an RPC a line is a message.
namespace factord::protocol {

struct bulk_kind;  // messages/bulk.hpp

/// What was taken off the front of a bulk.
struct bulk_item {
  enum class kind : std::uint8_t {
    unfinished,  ///< nothing yet: a line goes on
    line,
    blank,  ///< a line that asks for nothing and is counted
    fault,  ///< nothing more can be read of it
    end,
  };
  kind what = kind::unfinished;
  std::string_view text;  ///< of a line. It points into the request, or is good for one more call
  service::status_code code = service::status_code::ok;  ///< of a fault
  std::string message;
};

/// Why a bulk has ended; code ok: there are no more lines.
struct bulk_end {
  service::status_code code = service::status_code::ok;
  std::string_view error_id;  ///< static
  std::string message;
  std::uint64_t line = 0;  ///< the first that was not begun
};

/// How bulks are spoken: lines of JSON (rest/bulk.hpp), or messages (rpc/bulk.hpp).
struct bulk_dialect {
  /// Takes the next item off `rest`, what is left of the body of `incoming`. `most` bounds it.
  bulk_item (*take)(rpc_form form, const request& incoming, std::string_view& rest,
                    std::size_t most);
  /// Reads a line into its call; what is wrong goes into `line.rejected`.
  void (*read)(rpc_form form, const bulk_kind& kind, std::string_view text, const request& incoming,
               service::call& line);
  /// Appends the answer of one line.
  void (*write)(rpc_form form, const bulk_kind& kind, const service::call& line, response& out);
  /// Appends how it ended.
  void (*end)(rpc_form form, const bulk_end& how, response& out);
};

}  // namespace factord::protocol
