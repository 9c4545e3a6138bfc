#include "tests/support/connection_person.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace factord::testing {
namespace {

class letters {
 public:
  explicit letters(std::size_t number) : state_((number + 1) * 0x9e3779b97f4a7c15ULL) {}

  /// Mostly short; none is empty, and none begins or ends with a blank.
  std::string word() {
    static constexpr auto known = std::to_array<std::string_view>(
        {"a", "B", "7", "-", "\"", "\\", "\u00e9", "\u6f22", "\U0001d11e"});
    std::string text;
    for (std::size_t left = 1 + below(below(16) == 0 ? 150 : 12); left > 0; --left)
      text += known[below(known.size())];
    return text;
  }
  std::string mail_address() {
    std::string text;
    for (std::size_t left = 1 + below(40); left > 0; --left)
      text += static_cast<char>('a' + below(26));
    return text + "@b.ch";
  }

 private:
  std::size_t below(std::size_t end) {
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 7U;
    state_ ^= state_ << 17U;
    return static_cast<std::size_t>(state_ >> 11U) % end;
  }

  std::uint64_t state_;
};

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace

storage::event_payload person_of(std::size_t number) {
  letters from(number);
  storage::event_payload made;
  made.set_username("u" + std::to_string(number) + from.word());
  made.mutable_person()->set_given_name(from.word());
  made.mutable_person()->set_family_name(from.word());
  made.mutable_person()->set_nick_name(from.word());
  made.mutable_person()->set_display_name(from.word());
  made.set_email(from.mail_address());
  return made;
}

std::string to_json(const storage::event_payload& person, const std::string& user) {
  return R"({"userId":)" + in_quotes(user) + R"(,"username":)" + in_quotes(person.username()) +
         R"(,"organization":{"orgId":"o"},"profile":{"givenName":)" +
         in_quotes(person.person().given_name()) + R"(,"familyName":)" +
         in_quotes(person.person().family_name()) + R"(,"nickName":)" +
         in_quotes(person.person().nick_name()) + R"(,"displayName":)" +
         in_quotes(person.person().display_name()) + R"(},"email":{"email":)" +
         in_quotes(person.email()) + "}}";
}

storage::event_payload person_in(const service::call_input& asked) {
  storage::event_payload told;
  told.set_username(asked.username);
  *told.mutable_person() = asked.person;
  told.set_email(asked.email);
  return told;
}

bool same(const storage::event_payload& one, const storage::event_payload& other) {
  return one.SerializeAsString() == other.SerializeAsString();
}

}  // namespace factord::testing
