#include "server/service/page_size.hpp"

#include <algorithm>

namespace factord::service {
namespace {

constexpr std::size_t escaped_bytes = 6;

std::size_t bytes_of(std::string_view text) {
  const auto escaped = std::ranges::count_if(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; });
  return text.size() + static_cast<std::size_t>(escaped) * (escaped_bytes - 1);
}

template <class Texts>
std::size_t bytes_of_each(const Texts& texts) {
  std::size_t sum = 0;
  for (const auto& text : texts) sum += bytes_of(text);
  return sum;
}

std::size_t bytes_of_person(const storage::profile& person) {
  return bytes_of(person.given_name()) + bytes_of(person.family_name()) +
         bytes_of(person.nick_name()) + bytes_of(person.display_name()) +
         bytes_of(person.preferred_language());
}

}  // namespace

std::size_t text_bytes(const storage::event_record& event) noexcept {
  const storage::event_payload& payload = event.payload();
  return bytes_of(event.user_id()) + bytes_of(event.resource_owner()) + bytes_of(event.creator()) +
         bytes_of(payload.username()) + bytes_of_person(payload.person()) +
         bytes_of(payload.email()) + bytes_of(payload.token_id()) + bytes_of_each(payload.roles()) +
         bytes_of(payload.org());
}

std::size_t text_bytes(const storage::token_record& token) noexcept {
  return bytes_of(token.token_id()) + bytes_of(token.subject()) + bytes_of_each(token.roles()) +
         bytes_of(token.org());
}

}  // namespace factord::service
