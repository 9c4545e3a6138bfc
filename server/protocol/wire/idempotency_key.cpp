#include "server/protocol/wire/idempotency_key.hpp"

#include <algorithm>

namespace factord::protocol {
namespace {

bool is_visible(char byte) { return byte > ' ' && byte < '\x7f'; }

// What stands between the quotes, each \" and \\ undone. False where no quote ends it.
bool unquote(std::string_view rest, std::string& out) {
  while (!rest.empty() && rest.front() != '"') {
    if (rest.front() == '\\') {
      rest.remove_prefix(1);
      if (rest.empty() || (rest.front() != '"' && rest.front() != '\\')) return false;
    }
    out += rest.front();
    rest.remove_prefix(1);
  }
  return rest == "\"";
}

}  // namespace

bool read_idempotency_key(std::string_view value, std::string& out) {
  out.clear();
  if (!value.starts_with('"')) {
    out = value;
  } else if (!unquote(value.substr(1), out)) {
    out.clear();
  }
  if (!out.empty() && out.size() <= idempotency_key_size && std::ranges::all_of(out, is_visible))
    return true;
  out.clear();
  return false;
}

}  // namespace factord::protocol
