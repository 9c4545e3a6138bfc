#include "server/protocol/wire/uri.hpp"

#include <algorithm>

#include "storage/base/ascii.hpp"

namespace factord::protocol {

decoded percent_decode(std::string_view text, std::string& out) {
  out.clear();
  bool has_slash = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    // Most texts hold no escape at all.
    const std::size_t escape = std::min(text.find('%', at), text.size());
    out.append(text, at, escape - at);
    at = escape;
    if (at == text.size()) break;
    if (text.size() - at < 3) return decoded::malformed;
    const int high = hex_value(text[at + 1]);
    const int low = hex_value(text[at + 2]);
    if (high < 0 || low < 0) return decoded::malformed;
    out.push_back(static_cast<char>(high * 16 + low));
    has_slash |= out.back() == '/';
    at += 2;
  }
  return has_slash ? decoded::has_slash : decoded::ok;
}

std::string_view path_of(std::string_view target) noexcept {
  return target.substr(0, target.find('?'));
}

std::string_view query_of(std::string_view target) noexcept {
  const std::size_t mark = target.find('?');
  return mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
}

std::optional<query_pair> take_pair(std::string_view& query) noexcept {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    return query_pair{pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size()))};
  }
  return std::nullopt;
}

bool decode_form(std::string_view text, std::string& out) {
  std::string blanks(text);
  std::replace(blanks.begin(), blanks.end(), '+', ' ');
  return percent_decode(blanks, out) != decoded::malformed;
}

parameter query_parameter(std::string_view target, std::string_view name, std::string& out) {
  std::string_view rest = query_of(target);
  while (const auto pair = take_pair(rest)) {
    if (!decode_form(pair->name, out) || out != name) continue;
    return decode_form(pair->value, out) ? parameter::found : parameter::malformed;
  }
  out.clear();
  return parameter::absent;
}

}  // namespace factord::protocol
