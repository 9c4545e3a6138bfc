#include "server/protocol/messages/mail_address.hpp"

#include <algorithm>
#include <cstddef>

#include "server/protocol/wire/ip_address.hpp"
#include "server/service/text.hpp"

namespace factord::protocol {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t'; }

// RFC 5234's VCHAR, and RFC 6532's characters of several bytes.
bool is_visible(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte > 0x20 && byte != 0x7F;
}

enum class atom_rule : bool { dot_atom, phrase };
enum class group_rule : bool { allowed, inside_one };

/// One look at an address, from its front. Each take_...() is true where that was there, and then
/// it is gone.
class parser {
 public:
  explicit parser(std::string_view text) : rest_(text) {}

  [[nodiscard]] mail_address judge() {
    if (!take_address(group_rule::allowed) || !skip_comments() || !rest_.empty() || count_ != 1)
      return mail_address::bad;
    return named_ ? mail_address::named : mail_address::good;
  }

 private:
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void skip_space() {
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
  }

  // The mailboxes of an address: one, or those of a group.
  bool take_address(group_rule groups) {
    skip_space();
    if (take_spec()) {
      ++count_;
      skip_space();
      return !rest_.starts_with('(') || take_comment_as_name();
    }
    bool has_name = false;
    if (!rest_.starts_with('<') && !take_phrase(has_name)) return false;
    skip_space();
    if (groups == group_rule::allowed && take(':')) return take_group();
    if (!take('<') || !take_spec() || !take('>')) return false;
    ++count_;
    named_ = named_ || has_name;
    return true;
  }

  bool take_group() {
    skip_space();
    while (!take(';')) {
      if (count_ > 0 && !take(',')) return false;
      if (!take_address(group_rule::inside_one) || !skip_comments()) return false;
    }
    return true;
  }

  // local-part "@" domain; where it is none, nothing is taken.
  bool take_spec() {
    const std::string_view before = rest_;
    skip_space();
    if (take_local_part() && take('@')) {
      skip_space();
      if (rest_.starts_with('[') ? take_domain_literal() : take_atom(atom_rule::dot_atom))
        return true;
    }
    rest_ = before;
    return false;
  }

  bool take_local_part() {
    bool empty = false;
    if (!rest_.starts_with('"')) return take_atom(atom_rule::dot_atom);
    return take_quoted(empty) && !empty;
  }

  // In a phrase dots may stand anywhere, and most specials too.
  bool take_atom(atom_rule rule) {
    const auto belongs = [rule](char c) {
      constexpr std::string_view specials = "()[];@\\,";
      constexpr std::string_view never = "<>\":";
      if (!is_visible(c) || never.find(c) != std::string_view::npos) return false;
      return rule == atom_rule::phrase || specials.find(c) == std::string_view::npos;
    };
    const auto size =
        static_cast<std::size_t>(std::ranges::find_if_not(rest_, belongs) - rest_.begin());
    const std::string_view atom = rest_.substr(0, size);
    if (atom.empty()) return false;
    rest_.remove_prefix(size);
    return rule == atom_rule::phrase || (!atom.starts_with('.') && !atom.ends_with('.') &&
                                         atom.find("..") == std::string_view::npos);
  }

  bool take_quoted(bool& empty) {
    std::size_t at = 1;
    empty = true;
    for (; at < rest_.size() && rest_[at] != '"'; ++at) {
      if (rest_[at] == '\\' && ++at == rest_.size()) return false;
      if (!is_visible(rest_[at]) && !is_space(rest_[at])) return false;
      empty = false;
    }
    if (at == rest_.size()) return false;
    rest_.remove_prefix(at + 1);
    return true;
  }

  bool take_domain_literal() {
    const std::size_t end = rest_.find(']');
    if (end == std::string_view::npos) return false;
    std::string_view address = rest_.substr(1, end - 1);
    constexpr std::string_view tag = "IPv6:";
    const bool good = address.starts_with(tag) ? is_ipv6(address.substr(tag.size()))
                                               : is_ipv4(address) || is_ipv6(address);
    if (good) rest_.remove_prefix(end + 1);
    return good;
  }

  // Words, of which empty quotes alone are no name.
  bool take_phrase(bool& has_name) {
    std::size_t words = 0;
    bool empty = true;
    for (;; ++words) {
      skip_space();
      bool word_empty = false;
      const bool word =
          rest_.starts_with('"') ? take_quoted(word_empty) : take_atom(atom_rule::phrase);
      if (!word) break;
      empty = empty && word_empty;
    }
    has_name = words > 1 || !empty;
    return words > 0;
  }

  // Behind the opening bracket; `blank` where nothing but space is inside.
  bool take_comment(bool& blank) {
    blank = true;
    for (int depth = 1; depth > 0;) {
      if (rest_.empty()) return false;
      if (rest_.starts_with('\\') && rest_.size() > 1) {
        rest_.remove_prefix(1);
      } else if (rest_.starts_with('(')) {
        ++depth;
      } else if (rest_.starts_with(')')) {
        --depth;
      }
      if (depth > 0 && !is_space(rest_.front())) blank = false;
      rest_.remove_prefix(1);
    }
    return true;
  }

  bool take_comment_as_name() {
    bool blank = false;
    if (!take('(') || !take_comment(blank)) return false;
    named_ = named_ || !blank;
    return true;
  }

  bool skip_comments() {
    skip_space();
    while (take('(')) {
      bool blank = false;
      if (!take_comment(blank)) return false;
      skip_space();
    }
    return true;
  }

  std::string_view rest_;
  std::size_t count_ = 0;  ///< of mailboxes
  bool named_ = false;     ///< one of them
};

}  // namespace

mail_address judge_mail_address(std::string_view text) {
  return service::count_code_points(text) ? parser{text}.judge() : mail_address::bad;
}

}  // namespace factord::protocol
