// The Authorization field, through the real service: nothing but the token itself is let in, and
// every refusal is one of the three that clients know.

#include <string>

#include "storage/base/ascii.hpp"
#include "storage/base/check.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/support/quiet_service.hpp"

namespace factord::service {
namespace {

/// A store with one token in it. Lives as long as the process: an input changes nothing in it.
class server {
 public:
  server() {
    call pending(0);
    pending.op = operation::create_token;
    pending.in.user_id = "admin";
    pending.in.roles.add(role::iam_owner);
    token_ = service_.order(pending).token;
    FACTORD_CHECK(token_.size() == 43);
  }

  [[nodiscard]] const std::string& token() const { return token_; }
  const answer& ask(call& pending) { return service_.ask(pending); }

 private:
  storage::memory_engine store_{"store"};
  quiet_service service_{store_, [](std::span<unsigned char> out) {
                           for (unsigned char& byte : out) byte = 7;
                         }};
  std::string token_;
};

// RFC 9110, section 11.4: the scheme in any case, a blank or more, the token.
bool has_scheme(std::string_view field) { return same_in_any_case(field.substr(0, 7), "bearer "); }

bool names(std::string_view field, std::string_view token) {
  if (!has_scheme(field)) return false;
  field.remove_prefix(7);
  while (field.starts_with(' ')) field.remove_prefix(1);
  return field == token;
}

void check_field(server& real, std::string_view field) {
  call pending(0);
  pending.op = operation::get_user;
  pending.in.user_id = "nobody";
  pending.in.has_authorization = true;
  pending.in.authorization = field;
  const answer& told = real.ask(pending);
  const bool good = names(field, real.token());
  FACTORD_CHECK((told.code == status_code::unauthenticated) == !good);
  if (good) {
    FACTORD_CHECK(told.code == status_code::not_found);
  } else {
    FACTORD_CHECK(told.error_id == "AUTH-7fs1e");
    FACTORD_CHECK(told.message ==
                  (has_scheme(field) ? "Errors.Token.Invalid" : "invalid auth header"));
  }
}

void check(std::string_view input) {
  static server real;
  check_field(real, input);
  check_field(real, "Bearer " + std::string(input));
  // The token with one byte more, less or other. None of them is the token.
  std::string near = "Bearer " + real.token();
  fuzz::cursor in(input);
  near.insert(in.byte() % near.size(), in.take(in.byte() % 4));
  if (!in.empty()) near.erase(in.byte() % near.size(), in.byte() % 4);
  if (!in.empty()) near[in.byte() % near.size()] = static_cast<char>(in.byte());
  check_field(real, near);
}

}  // namespace
}  // namespace factord::service

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  factord::service::check(factord::fuzz::as_text(data, size));
  return 0;
}
