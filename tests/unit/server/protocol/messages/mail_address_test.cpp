#include "server/protocol/messages/mail_address.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace factord::protocol::mail_address_test {
namespace {

using namespace std::string_view_literals;

struct row {
  std::string_view text;
  mail_address verdict;
};

using enum mail_address;

constexpr row rows[] = {
    // What most people have.
    {"a@b", good},
    {"a@b.ch", good},
    {"first.last+tag@sub.b-c.example", good},
    {"!#$%&'*+-/=?^_`{|}~@b.ch", good},
    {"a@-b.ch", good},
    {"a@b-.ch", good},
    {"a@127.0.0.1", good},

    // RFC 6532.
    {"\u00FC@b.ch", good},
    {"a@ex\u00E4mple.ch", good},
    {"\u8C37\u6B4C@\u8C37\u6B4C.\u4E2D\u56FD", good},
    {"\U0001F600@b.ch", good},
    {"a@b\u3002ch", good},
    {"a\u00A0b@c.ch", good},  // white space to Unicode, visible to RFC 6532
    {"\xFF@b.ch", bad},
    {"a@\xC3.ch", bad},
    {"\"\xC3\"@b.ch", bad},
    {"a@b.ch (\xC3)", bad},

    // What is missing.
    {"", bad},
    {" ", bad},
    {"a", bad},
    {"@", bad},
    {"a@", bad},
    {"a@ ", bad},
    {"@b.ch", bad},
    {"a.b.ch", bad},

    // Dots.
    {".a@b.ch", bad},
    {"a.@b.ch", bad},
    {"a..b@b.ch", bad},
    {"a@.b.ch", bad},
    {"a@b.ch.", bad},
    {"a@b..ch", bad},
    {"a.b.c@d.e.f", good},

    // Characters that are none of an atom.
    {"a b@c.ch", bad},
    {"a@b c.ch", bad},
    {"a@b@c.ch", bad},
    {"a,b@c.ch", bad},
    {"a;b@c.ch", bad},
    {"a:b@c.ch", bad},
    {"a\\b@c.ch", bad},
    {"a[b@c.ch", bad},
    {"a\"b@c.ch", bad},
    {"a\n@b.ch", bad},
    {"a@b.ch\n", bad},
    {"a\r\n @b.ch", bad},
    {"a\x01@b.ch", bad},
    {"a\x7F@b.ch", bad},
    {"a\0b@c.ch"sv, bad},
    {"a@b.ch,c@d.ch", bad},
    {"a@b.ch c@d.ch", bad},
    {"a@b.ch<c@d.ch>", bad},

    // Space around, and around the @.
    {" a@b.ch", good},
    {"\ta@b.ch ", good},
    {"a@ b.ch", good},
    {"a @b.ch", bad},

    // Quoted local parts.
    {"\"a\"@b.ch", good},
    {"\"a b\"@c.ch", good},
    {"\"a\tb\"@c.ch", good},
    {"\"a..b\"@c.ch", good},
    {"\"a@b\"@c.ch", good},
    {"\"a\\\"b\"@c.ch", good},
    {"\"a\\\\\"@c.ch", good},
    {"\"a\\ \"@c.ch", good},
    {"\"\u00FC\"@c.ch", good},
    {"\"\"@b.ch", bad},
    {"\"a@b.ch", bad},
    {"\"a\\\"@b.ch", bad},
    {"\"a\\", bad},
    {"\"a\nb\"@c.ch", bad},
    {"\"a\\\x01\"@c.ch", bad},
    {"\"a\"b@c.ch", bad},
    {"\"a\".b@c.ch", bad},
    {"\"a\"", bad},

    // Domain literals.
    {"a@[127.0.0.1]", good},
    {"a@[::1]", good},
    {"a@[IPv6:::1]", good},
    {"a@[IPv6:2001:db8::1]", good},
    {"a@[IPv6:127.0.0.1]", bad},
    {"a@[127.0.0.256]", bad},
    {"a@[127.0.0.01]", bad},
    {"a@[127.0.0]", bad},
    {"a@[fe80::1%1]", bad},
    {"a@[b.ch]", bad},
    {"a@[]", bad},
    {"a@[127.0.0.1", bad},
    {"a@[127.0.0.1].ch", bad},
    {"a@ [127.0.0.1]", good},

    // Angle brackets and names.
    {"<a@b.ch>", good},
    {" < a@b.ch> ", good},
    {"<a@b.ch >", bad},
    {"<a@b.ch", bad},
    {"a@b.ch>", bad},
    {"<>", bad},
    {"<a@b.ch>x", bad},
    {"<a@b.ch> <c@d.ch>", bad},
    {"\"\" <a@b.ch>", good},
    {"\"\" \"\" <a@b.ch>", named},
    {"Name <a@b.ch>", named},
    {"A. B. Name <a@b.ch>", named},
    {"\"Na me\"<a@b.ch>", named},
    {"N\u00E4me <a@b.ch>", named},
    {"a@b <c@d.ch>", bad},
    {"Name a@b.ch", bad},
    {"Name <a@b.ch", bad},
    {"Name\n<a@b.ch>", bad},
    {"=?utf-8?q?N?= <a@b.ch>", named},

    // Comments.
    {"a@b.ch ()", good},
    {"a@b.ch ( \t)(more)", good},
    {"a@b.ch (name)", named},
    {"a@b.ch ((\\)))", named},
    {"<a@b.ch> (no name)", good},
    {"<a@b.ch> (one) (two)", good},
    {"a@b.ch (", bad},
    {"a@b.ch (()", bad},
    {"a@b.ch ())", bad},
    {"<a@b.ch> (", bad},
    {"(name) a@b.ch", bad},
    {"a(b)@c.ch", bad},

    // Groups.
    {"all: a@b.ch;", good},
    {"all: <a@b.ch>; (comment)", good},
    {"all: Name <a@b.ch>;", named},
    {"all: a@b.ch", bad},
    {"all:;", bad},
    {"all: a@b.ch, c@d.ch;", bad},
    {"all: a@b.ch,;", bad},
    {"all: more: a@b.ch;;", bad},
    {"a@b.ch;", bad},
};

TEST(mail_address, is_judged_as_by_gos_parse_address) {
  for (const row& one : rows)
    EXPECT_EQ(judge_mail_address(one.text), one.verdict) << '"' << one.text << '"';
}

TEST(mail_address, of_any_length) {
  const std::string many(100'000, 'x');
  EXPECT_EQ(judge_mail_address(many + "@" + many), good);
  EXPECT_EQ(judge_mail_address("a@b.ch " + std::string(100'000, '(')), bad);
  EXPECT_EQ(judge_mail_address(std::string(100'000, '<')), bad);
  EXPECT_EQ(judge_mail_address("x:" + std::string(100'000, ':')), bad);
}

}  // namespace
}  // namespace factord::protocol::mail_address_test
