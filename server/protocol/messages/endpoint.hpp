#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "server/protocol/messages/message_binding.hpp"
#include "server/protocol/messages/path_requests.hpp"
#include "server/protocol/wire/answer_status.hpp"
#include "server/protocol/wire/request.hpp"
#include "server/service/operation.hpp"

namespace factord::protocol {

struct bulk_kind;  // bulk.hpp

/// What a path of ours takes in its query; all else is refused, and so is one of `names` that comes
/// twice.
/// ZITADEL passes over parameters that it does not know, and so do the paths we have from it: they
/// have no rule.
struct query_rule {
  std::span<const std::string_view> names;
  std::string_view otherwise;  ///< what is said of any other
  std::span<const std::string_view> repeatable{};
};

inline constexpr query_rule no_query{{}, "this path takes no query parameters"};

/// All that the protocols know of one operation: where it is reached, how it is asked for and how
/// it is answered.
struct endpoint {
  service::operation which;
  verb method;                    ///< of the paths; an RPC is a POST
  std::string_view path;          ///< of its JSON on the API; {id} stands for a segment
  std::string_view admin_path{};  ///< on the admin socket
  answer_status success{200};     ///< of its JSON
  message_binding messages{};     ///< an RPC by its name has both, and a path that takes a body one
  message_binding stream{};       ///< of an RPC that is answered by a stream
  void (*read_path)(const path_request& sent, service::call& pending) = nullptr;  ///< or else this
  const query_rule* query = nullptr;
  void (*write_json)(const service::answer& done, std::string& out) = nullptr;
  const bulk_kind* bulk = nullptr;  ///< of a bulk: its lines, which are answered instead
};

/// In the order of the enum, which is that of the search: the main job first.
[[nodiscard]] std::span<const endpoint> endpoints() noexcept;

[[nodiscard]] const endpoint& endpoint_of(service::operation which) noexcept;

/// True where a row is fit for use: it is somewhere, asked for in one way, and answered: a bulk by
/// its lines.
[[nodiscard]] constexpr bool is_whole(const endpoint& row) noexcept {
  const bool reached = row.path.starts_with('/') || row.admin_path.starts_with('/');
  const bool one_way = row.messages.asks() != (row.read_path != nullptr);
  return reached && one_way && (row.write_json != nullptr) != (row.bulk != nullptr);
}

/// True where a table has each operation once, in order, whole, and nowhere two in one place.
[[nodiscard]] constexpr bool is_complete(std::span<const endpoint> table) noexcept {
  if (table.size() != service::operation_count) return false;
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (static_cast<std::size_t>(table[i].which) != i || !is_whole(table[i])) return false;
    const auto later = table.subspan(i + 1);
    const auto is_here = [&](const endpoint& other) {
      const bool same_path = !other.path.empty() && other.path == table[i].path;
      const bool same_admin = !other.admin_path.empty() && other.admin_path == table[i].admin_path;
      return other.method == table[i].method && (same_path || same_admin);
    };
    if (std::any_of(later.begin(), later.end(), is_here)) return false;
  }
  return true;
}

}  // namespace factord::protocol
