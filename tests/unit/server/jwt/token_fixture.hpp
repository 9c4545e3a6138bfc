#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/jwt/token.hpp"
#include "storage/base/enum_table.hpp"
#include "tests/support/jwt_signer.hpp"

namespace factord::jwt::testing {

inline constexpr std::string_view issuer_name = "https://issuer.example";
inline constexpr std::string_view audience_name = "factord";
inline constexpr timestamp noon{std::chrono::seconds{1'800'000'000}};

/// One pair for each algorithm, with its name as kid; made once, since RSA takes its time.
inline const factord::testing::jwt_signer& signer_of(algorithm by) {
  static const std::vector<factord::testing::jwt_signer> all = [] {
    std::vector<factord::testing::jwt_signer> made;
    for (std::size_t i = 0; i < count_of<algorithm>; ++i) {
      const auto one = static_cast<algorithm>(i);
      made.emplace_back(one, std::string(name(one)));
    }
    return made;
  }();
  return all[static_cast<std::size_t>(by)];
}

inline std::shared_ptr<const key_set> keys_of_all() {
  std::string all;
  for (std::size_t i = 0; i < count_of<algorithm>; ++i)
    all += (i == 0 ? "" : ",") + signer_of(static_cast<algorithm>(i)).jwk();
  return std::make_shared<key_set>(*parse_key_set(R"({"keys":[)" + all + "]}"));
}

/// An issuer with those keys, and a token's way through.
struct world {
  world() {
    rules().issuer = issuer_name;
    rules().audience = audience_name;
    keys.use(keys_of_all(), false);
  }
  issuer_rules& rules() { return issuers[0].rules; }

  checked<proven_token> judge(std::string_view text, timestamp now = noon) const {
    auto read = read_token(text, issuers, now);
    if (!read) return read.error();
    return prove(std::move(*read));
  }
  /// The name of the rule that is broken, or "".
  std::string_view verdict(std::string_view text, timestamp now = noon) const {
    const auto judged = judge(text, now);
    return judged ? std::string_view() : name(judged.error());
  }

  issuer_keys keys;
  std::vector<trusted_issuer> issuers{{{}, &keys}};
};

/// Members of a payload that is good at noon for an hour, with others in their place: a name that
/// is given without a value is left out.
inline std::string payload(std::vector<std::pair<std::string, std::string>> others = {}) {
  std::vector<std::pair<std::string, std::string>> members{
      {"iss", "\"" + std::string(issuer_name) + "\""},
      {"aud", "\"" + std::string(audience_name) + "\""},
      {"sub", "\"somebody\""},
      {"exp", "1800003600"}};
  for (auto& other : others) {
    bool there = false;
    for (auto& member : members) {
      if (member.first != other.first) continue;
      member.second = other.second;
      there = true;
    }
    if (!there) members.push_back(std::move(other));
  }
  std::string text;
  for (const auto& [name, value] : members) {
    if (value.empty()) continue;
    text += (text.empty() ? "\"" : ",\"") + name + "\":" + value;
  }
  return "{" + text + "}";
}

}  // namespace factord::jwt::testing
