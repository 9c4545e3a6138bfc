#include "bench/micro/jwt_sample.hpp"

#include <array>
#include <memory>
#include <string>
#include <utility>

#include "server/jwt/key_set.hpp"
#include "storage/base/enum_table.hpp"

namespace factord::bench {
namespace {

struct signed_sample {
  std::string_view jwk;
  std::string_view token;
};

// Made once by jwcrypto: access tokens as ZITADEL has them, for somebody with a role in two
// organizations.
constexpr auto samples = std::to_array<signed_sample>({
    {"{\"kty\":\"RSA\",\"alg\":\"RS256\",\"kid\":\"RS256\",\"n\":\"phD2ByAFJpA4TXVoONwwnWd"
     "zNHX4PtzIDFFOjAz3AVgF7ABcbgsK3n6LVcMzegj2p6ojP-QT07cF8dNUyw7LPqMKElER8FrVZDgI-RBbzwg"
     "EBEpcSrhIlbYo8LdWoGT6zTA3Nqa6vr68Io4KPOeT1lLsOqFgeF2ncvmen_htNJSIigirVJNMOOGf-FN3JOu"
     "OYII43Yz6lWrV1f1zpiM8mHG_k-ehFrsys0mkCz_DhmW5VYnvDlA8HlB6FisnKYg7jHNNIk9prmvFvq_CY2M"
     "dpNf3DLpTyx5vsH0TCDSCpdGY_N9A6ZaA1Oc7-Tm_1aBT47XT_T14fKlNDpazWbTgOw\",\"e\":\"AQAB\""
     "}",
     "eyJhbGciOiJSUzI1NiIsImtpZCI6IlJTMjU2IiwidHlwIjoiSldUIn0.eyJpc3MiOiJodHRwczovL2lzc3Vlci5l"
     "eGFtcGxlIiwic3ViIjoiMjc2Mzk1MDQ4OTMyMzc2NTc4IiwiYXVkIjpbIjI3NjM5NTA0ODkzMjM3NjU3OSIsImZh"
     "Y3RvcmQiXSwiZXhwIjo0MTAyNDQ0ODAwLCJpYXQiOjE3MDAwMDAwMDAsIm5iZiI6MTcwMDAwMDAwMCwiY2xpZW50"
     "X2lkIjoiMjc2Mzk1MDQ4OTMyMzc2NTc5IiwianRpIjoiVjJfMjc2Mzk1MDQ4OTMyMzc2NTgwLWF0XzI3NjM5NTA0"
     "ODkzMjM3NjU4MSIsInVybjp6aXRhZGVsOmlhbTpvcmc6cHJvamVjdDpyb2xlcyI6eyJmYWN0b3ItYWRtaW4iOnsi"
     "Mjc2Mzk1MDQ4OTMyMzc2NTgyIjoiYWNtZS5pc3N1ZXIuZXhhbXBsZSIsIjI3NjM5NTA0ODkzMjM3NjU4MyI6Im90"
     "aGVyLmlzc3Vlci5leGFtcGxlIn19fQ.GHeik63bUARQsnrsmTr7EP5jOx4wgdq4rZ9zL_FVjBhXaxqbcPUqmvmHO"
     "3D8CphNCgbM7K13V8bWkJCucgPYClFBU3V-WYMggJC9IMoRDLXeGgbyqZUY6fv6aJP8WQl_CIzedhNMgGlL_coIO"
     "QL5FsCLo-N5U1FBo9A_jteO6eLA1Bsd96CI5dc9oBJjqdzYCZKkpVapsBhZCJbffXuvY_8Rwiqb9lQ898-R_M46l"
     "cnnkC4jSiOy_O4yda6nCw5uSdmPWyW8MbiuDTvKx1MG1yRCbC2zuxhUvX0NscvxtH23LWyrjniBIkV5c1GnLwKXq"
     "KWfwuPIiPXEAfS_y89J_Q"},
    {"{\"kty\":\"RSA\",\"alg\":\"PS256\",\"kid\":\"PS256\",\"n\":\"sooMyc7NjiuQdVeegOlfcuy"
     "IUuJokgHPzBjH4nNsKcOOLS2Kl2uDRvCcLd2skyPXWxPFHy4Q9UO08j5e11fmwvMeVVDPZXzQCIj6TJprQ_W"
     "K235oKTcaJ9-uzzr_CnoYn4GHjt7ltfOzLAsvkolGPNGaHd8nNic_ToEZU9ilC3nyQ5kGIKao8Ll6B1u_A2_"
     "wPUkC7GXLmLQtuIoPT2lN0_MV-TUUmYhm8CHVB5yMQiM2M7Tsgp_BwVfEQbxJ4JqJAG1yK5_Z9M2pzhBqYsZ"
     "9-KLs6-jJA_JrT-TTCayfyv2mGhusI6Lc03LHsCNrdHfah7ZC80uTew6inTOVJBtTBw\",\"e\":\"AQAB\""
     "}",
     "eyJhbGciOiJQUzI1NiIsImtpZCI6IlBTMjU2IiwidHlwIjoiSldUIn0.eyJpc3MiOiJodHRwczovL2lzc3Vlci5l"
     "eGFtcGxlIiwic3ViIjoiMjc2Mzk1MDQ4OTMyMzc2NTc4IiwiYXVkIjpbIjI3NjM5NTA0ODkzMjM3NjU3OSIsImZh"
     "Y3RvcmQiXSwiZXhwIjo0MTAyNDQ0ODAwLCJpYXQiOjE3MDAwMDAwMDAsIm5iZiI6MTcwMDAwMDAwMCwiY2xpZW50"
     "X2lkIjoiMjc2Mzk1MDQ4OTMyMzc2NTc5IiwianRpIjoiVjJfMjc2Mzk1MDQ4OTMyMzc2NTgwLWF0XzI3NjM5NTA0"
     "ODkzMjM3NjU4MSIsInVybjp6aXRhZGVsOmlhbTpvcmc6cHJvamVjdDpyb2xlcyI6eyJmYWN0b3ItYWRtaW4iOnsi"
     "Mjc2Mzk1MDQ4OTMyMzc2NTgyIjoiYWNtZS5pc3N1ZXIuZXhhbXBsZSIsIjI3NjM5NTA0ODkzMjM3NjU4MyI6Im90"
     "aGVyLmlzc3Vlci5leGFtcGxlIn19fQ.VyJZkAI0xXRYKjNGGkZg1VFj0iab7z9LKZDSVwTBkinW7RuVwuCr1P3Cg"
     "etb2Bl48Z8BSoBgi5O_TfKvCsN4dNd7jZnmhasTsA5EP_zfcrpuInqpP24U6UYizN1NUa8qYXjosXqdzZZUZm9eL"
     "z0DsGc_dYjcXD629EOcmyswu7KuX9djsGGa3GqbpZYKw80STLGLjsROHsAamd1C9cUJnlUYp5mxEK4HJZBxGyFT6"
     "ku2cNXZwZ-lqbpqoNGBO8BIivo-x4JNPXQ2Eek8JoqTlPSC-_g_1lTtNlFMtpfhJiCI7-BRql1Boyuek2Y9J5KEq"
     "h79MPcRbSKGiE7v1pD2yw"},
    {"{\"kty\":\"EC\",\"alg\":\"ES256\",\"kid\":\"ES256\",\"crv\":\"P-256\",\"x\":\"uHxojP"
     "iewZEiWTnrAkZBRr-ARbFMlFrf1WhMWx2-StM\",\"y\":\"PWz8jXxRGk_4Pr8OovJOIvRIvhF6aLp3tzod"
     "McasQ1o\"}",
     "eyJhbGciOiJFUzI1NiIsImtpZCI6IkVTMjU2IiwidHlwIjoiSldUIn0.eyJpc3MiOiJodHRwczovL2lzc3Vlci5l"
     "eGFtcGxlIiwic3ViIjoiMjc2Mzk1MDQ4OTMyMzc2NTc4IiwiYXVkIjpbIjI3NjM5NTA0ODkzMjM3NjU3OSIsImZh"
     "Y3RvcmQiXSwiZXhwIjo0MTAyNDQ0ODAwLCJpYXQiOjE3MDAwMDAwMDAsIm5iZiI6MTcwMDAwMDAwMCwiY2xpZW50"
     "X2lkIjoiMjc2Mzk1MDQ4OTMyMzc2NTc5IiwianRpIjoiVjJfMjc2Mzk1MDQ4OTMyMzc2NTgwLWF0XzI3NjM5NTA0"
     "ODkzMjM3NjU4MSIsInVybjp6aXRhZGVsOmlhbTpvcmc6cHJvamVjdDpyb2xlcyI6eyJmYWN0b3ItYWRtaW4iOnsi"
     "Mjc2Mzk1MDQ4OTMyMzc2NTgyIjoiYWNtZS5pc3N1ZXIuZXhhbXBsZSIsIjI3NjM5NTA0ODkzMjM3NjU4MyI6Im90"
     "aGVyLmlzc3Vlci5leGFtcGxlIn19fQ.6K0pNTXNUJ7mzbWYwcKGg5OLmbDIkpCqTQ1pGivIn5hdMmXlmb-ohp5Zq"
     "twTbLqekaydEEr1dwUOgI_BAtw60A"},
    {"{\"kty\":\"OKP\",\"alg\":\"EdDSA\",\"kid\":\"EdDSA\",\"crv\":\"Ed25519\",\"x\":\"jIN"
     "vVlQmEhyFcm6ORG96EKyuYiOuq5MTRJQuUf7buZk\"}",
     "eyJhbGciOiJFZERTQSIsImtpZCI6IkVkRFNBIiwidHlwIjoiSldUIn0.eyJpc3MiOiJodHRwczovL2lzc3Vlci5l"
     "eGFtcGxlIiwic3ViIjoiMjc2Mzk1MDQ4OTMyMzc2NTc4IiwiYXVkIjpbIjI3NjM5NTA0ODkzMjM3NjU3OSIsImZh"
     "Y3RvcmQiXSwiZXhwIjo0MTAyNDQ0ODAwLCJpYXQiOjE3MDAwMDAwMDAsIm5iZiI6MTcwMDAwMDAwMCwiY2xpZW50"
     "X2lkIjoiMjc2Mzk1MDQ4OTMyMzc2NTc5IiwianRpIjoiVjJfMjc2Mzk1MDQ4OTMyMzc2NTgwLWF0XzI3NjM5NTA0"
     "ODkzMjM3NjU4MSIsInVybjp6aXRhZGVsOmlhbTpvcmc6cHJvamVjdDpyb2xlcyI6eyJmYWN0b3ItYWRtaW4iOnsi"
     "Mjc2Mzk1MDQ4OTMyMzc2NTgyIjoiYWNtZS5pc3N1ZXIuZXhhbXBsZSIsIjI3NjM5NTA0ODkzMjM3NjU4MyI6Im90"
     "aGVyLmlzc3Vlci5leGFtcGxlIn19fQ.OK_7_HWHNBLJJhdLB6K1M2e_6Ljuj7BEBfHE92Cteg3K9sh1Bc8ZBgV6k"
     "XgRpLHux9ZgGq6RB8P8r2j9eEjTCg"},
});
static_assert(samples.size() == count_of<jwt::algorithm>);

}  // namespace

std::string_view sample_jwt(jwt::algorithm by) noexcept {
  return samples[static_cast<std::size_t>(by)].token;
}

jwt_provider::jwt_provider() {
  std::string set;
  for (const signed_sample& one : samples) set.append(set.empty() ? "" : ",").append(one.jwk);
  keys_.use(std::make_shared<jwt::key_set>(*jwt::parse_key_set(R"({"keys":[)" + set + "]}")),
            false);
  jwt::issuer_rules rules;
  rules.issuer = "https://issuer.example";
  rules.audience = "factord";
  rules.roles_claim = "urn:zitadel:iam:org:project:roles";
  rules.roles = {"factor-admin"};
  issuers_.trusted.push_back({std::move(rules), &keys_});
  issuers_.meanings.push_back({service::role::org_user_manager});
}

}  // namespace factord::bench
