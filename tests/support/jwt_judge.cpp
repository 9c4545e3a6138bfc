// Judges tokens: jwt_judge KEYS ISSUER AUDIENCE SECONDS, with a token a line on stdin, says of each
// "good" and its subject in hexadecimal, or the rule that it breaks. For tests against another
// implementation (tests/clients/test_jwcrypto.py).

#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "server/jwt/token.hpp"
#include "storage/base/hex.hpp"

namespace factord::jwt {
namespace {

int judge_all(const char* keys_file, std::string issuer, std::string audience,
              std::chrono::seconds now) {
  std::ifstream file(keys_file);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  auto read = parse_key_set(text);
  if (!read) {
    std::fprintf(stderr, "%s: %s\n", keys_file, read.error().message.c_str());
    return 2;
  }
  issuer_keys keys;
  keys.use(std::make_shared<key_set>(std::move(*read)), false);
  std::vector<trusted_issuer> issuers(1);
  issuers[0].rules.issuer = std::move(issuer);
  issuers[0].rules.audience = std::move(audience);
  issuers[0].keys = &keys;
  for (std::string line; std::getline(std::cin, line);) {
    auto token = read_token(line, issuers, timestamp{now});
    const auto told = token ? prove(std::move(*token)) : checked<proven_token>(token.error());
    std::cout << (told ? "good " + hex_of(told->says.subject) : std::string(name(told.error())))
              << '\n';
  }
  return 0;
}

}  // namespace
}  // namespace factord::jwt

int main(int argc, char** argv) try {
  if (argc != 5) {
    std::fputs("usage: jwt_judge KEYS ISSUER AUDIENCE SECONDS\n", stderr);
    return 2;
  }
  return factord::jwt::judge_all(argv[1], argv[2], argv[3],
                                 std::chrono::seconds(std::stoll(argv[4])));
} catch (const std::exception& failed) {
  std::fprintf(stderr, "%s\n", failed.what());
  return 1;
}
