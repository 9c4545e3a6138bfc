#include <gmock/gmock.h>

#include "tests/unit/server/protocol/session_fixture.hpp"
#include "tests/unit/server/protocol/wire/gzip_maker.hpp"

namespace factord::protocol::session_body_test {
namespace {

using ::testing::HasSubstr;

std::string replaced(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size()) {
    text.replace(at, what.size(), by);
  }
  return text;
}

std::string between(std::string_view text, std::string_view before, std::string_view after) {
  const std::size_t at = text.find(before);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = text.substr(at + before.size());
  return std::string(rest.substr(0, rest.find(after)));
}

class bodies : public session_fixture {
 protected:
  void SetUp() override {
    add_user("u1", "org1");
    add_factor("u1");
    admin();
  }

  answer_seen by_path(std::string_view path, std::string_view body, std::string_view fields = {}) {
    return ask_http("POST /v2/users/" + std::string(path), body, admin_,
                    "x-zitadel-orgid: org1\r\n" + std::string(fields));
  }
  answer_seen by_connect(std::string_view method, std::string_view body,
                         std::string_view fields = {}) {
    return ask_http(
        "POST /zitadel.user.v2.UserService/" + std::string(method), body, admin_,
        "x-zitadel-orgid: org1\r\nContent-Type: application/json\r\n" + std::string(fields));
  }

  static std::string message(const answer_seen& seen) {
    return between(seen.body, R"("message":")", "\"");
  }
  static unsigned verdict(const answer_seen& seen) {
    return seen.status == 201 ? 200 : seen.status;
  }

  void expect_alike(const answer_seen& path, const answer_seen& connect, unsigned status,
                    std::string_view body) {
    EXPECT_EQ(verdict(path), status) << body << " " << path.body;
    EXPECT_EQ(verdict(connect), status) << body << " " << connect.body;
    EXPECT_EQ(message(path), message(connect)) << body;
  }

  /// What is kept of a user, with its id masked.
  std::string kept(std::string_view id) {
    const auto seen = ask_http("GET /v2/users/" + std::string(id), {}, admin_);
    return replaced(between(seen.body, R"("human":)", R"(,"details")"), id, "ID");
  }
};

struct body_row {
  std::string body;
  unsigned status;
};

std::string arrays(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

// The same bytes have the same verdict, the same words, and the same effect.
TEST_F(bodies, of_filters_say_the_same_by_path_and_by_connect) {
  const std::string user = R"({"userId":"u1",)";
  const body_row rows[] = {
      {user + R"("authFactors":["BOGUS"]})", 400},
      {user + R"("authFactors":["2"]})", 400},
      {user + R"("authFactors":[null]})", 400},
      {user + R"("authFactors":"OTP_EMAIL"})", 400},
      {user + R"("authFactors":["otp_email"]})", 400},
      {user + R"("authFactors":[4]})", 400},
      {user + R"("authFactors":[-1]})", 400},
      {user + R"("authFactors":["OTP_EMAIL",]})", 400},
      {user + R"("authFactors":["OTP_EMAIL"],})", 400},
      {user + R"("authFactors":["OTP_EMAIL"],"auth_factors":["OTP_EMAIL"]})", 400},
      {user + R"("states":["READY"]})", 400},
      {user + R"("states":{}})", 400},
      {user + R"("x":)" + arrays(40) + "}", 400},
      {user + R"("x":)" + arrays(32) + "}", 400},
      {user + R"("x":)" + arrays(31) + "}", 200},
      {user + R"("x":NaN})", 400},
      {user + R"("x":1,"x":2})", 400},
      {user + R"("x":"\uD800"})", 400},
      {user + "\"x\":\"\xFF\"}", 400},
      {R"({"userId":7})", 400},
      {R"({"userId":"u1","user_id":"u1"})", 400},
      {R"({"userId":"u1"}{})", 400},
      {R"([{"userId":"u1"}])", 400},
      {R"({"userId":"u1")", 400},
      {"null", 400},
      {" ", 400},
      {user + R"("authFactors":["OTP_EMAIL"],"states":[2]})", 200},
      {user + R"("authFactors":[2,2.0,"U2F"],"states":null})", 200},
      {user + R"("auth_factors":[],"states":[]})", 200},
      {user + R"("authFactors":["U2F"]})", 200},
      {user + R"("states":["AUTH_FACTOR_STATE_REMOVED"]})", 200},
      {user + R"("unknown":[1e999,{"a":null}],"":""})", 200},
      {R"(	{ "user_id" : "u1" } )", 200},
  };
  for (const body_row& row : rows) {
    const auto path = by_path("u1/authentication_factors/_search", row.body);
    const auto connect = by_connect("ListAuthenticationFactors", row.body);
    expect_alike(path, connect, row.status, row.body);
    if (row.status == 200) {
      EXPECT_EQ(path.body, connect.body) << row.body;
    }
  }
}

TEST_F(bodies, of_new_users_say_the_same_by_path_and_by_connect) {
  const std::string profile = R"("profile":{"givenName":"A","familyName":"B"})";
  const std::string email = R"("email":{"email":"ID@b.ch"})";
  const body_row rows[] = {
      {R"({"userId":"ID",)" + profile + "," + email + "}", 200},
      {R"({"user_id":"ID","username":null,"phone":null,"metadata":[],"idpLinks":null,)" + profile +
           "," + email + "}",
       200},
      {R"({"userId":"ID","profile":{"given_name":"\u00dcn\uD83D\uDE01","familyName":"B",)"
       R"("nickName":"n","gender":2,"preferredLanguage":"de"},)" +
           email + "}",
       200},
      {R"({"userId":"ID","email":{"email":"ID@b.ch","isVerified":true,"sendCode":null},)" +
           profile + "}",
       200},
      {R"({"userId":"ID","profile":{"givenName":"A","familyName":"B","gender":"BOGUS"},)" + email +
           "}",
       400},
      {R"({"userId":"ID","profile":{"givenName":"A","familyName":"B","gender":9},)" + email + "}",
       400},
      {R"({"userId":"ID","profile":{"givenName":"A","familyName":"B","given_name":"A"},)" + email +
           "}",
       400},
      {R"({"userId":"ID","email":{"email":"ID@b.ch","isVerified":"true"},)" + profile + "}", 400},
      {R"({"userId":"ID","email":{"email":"ID@b.ch","isVerified":true,"returnCode":{}},)" +
           profile + "}",
       400},
      {R"({"userId":"ID","email":{"email":"ID@b.ch","returnCode":true},)" + profile + "}", 400},
      {R"({"userId":"ID","email":{"email":"nobody"},)" + profile + "}", 400},
      {R"({"userId":"ID","email":{},)" + profile + "}", 400},
      {R"({"userId":"","email":{},)" + profile + "}", 400},
      {R"({"userId":"ID","organization":{"orgId":"a","orgDomain":"b"},)" + profile + "," + email +
           "}",
       400},
      {R"({"userId":"ID","totpSecret":1,)" + profile + "," + email + "}", 400},
      {R"({"userId":"ID","metadata":{},)" + profile + "," + email + "}", 400},
      {R"({"userId":"ID","totpSecret":"s",)" + profile + "," + email + "}", 501},
      {R"({"userId":"ID","metadata":[{"key":"k","value":"v"}],)" + profile + "," + email + "}",
       501},
      {R"({"userId":"ID","hashed_password":{"hash":"h"},)" + profile + "," + email + "}", 501},
      {R"({"userId":"ID","email":{"email":"ID@b.ch","sendCode":{}},)" + profile + "}", 501},
      {"", 400},
      {"{}", 400},
      {R"({"userId":"ID",})", 400},
  };
  int number = 100;
  for (const body_row& row : rows) {
    // Of one length, so that offsets are the same.
    const std::string tail = std::to_string(++number);
    const std::uint64_t before = last_sequence();
    const auto path = by_path("human", replaced(row.body, "ID", "p" + tail));
    const std::uint64_t between_them = last_sequence();
    const auto connect = by_connect("AddHumanUser", replaced(row.body, "ID", "c" + tail));
    expect_alike(path, connect, row.status, row.body);
    EXPECT_EQ(between_them - before, last_sequence() - between_them) << row.body;
    if (row.status != 200) {
      EXPECT_EQ(between_them, before) << row.body;
      continue;
    }
    EXPECT_NE(kept("p" + tail), "") << row.body;
    EXPECT_EQ(kept("p" + tail), kept("c" + tail)) << row.body;
  }
}

TEST_F(bodies, of_calls_that_read_nothing_of_them_are_json_all_the_same) {
  const body_row rows[] = {
      {"", 200},
      {"{}", 200},
      {R"({"userId":"u1"})", 200},
      {R"({"userId":"u1",})", 400},
      {"[]", 400},
      {"null", 400},
      {R"({"userId":"u1","userId":1})", 400},
      {R"({"userId":null})", 200},
  };
  for (const body_row& row : rows) {
    const auto path = by_path("u1/lock", row.body);
    EXPECT_EQ(path.status, row.status) << row.body;
    EXPECT_EQ(by_path("u1/unlock", R"({"userId":"other"})").status, path.status) << row.body;
    const auto connect = by_connect("LockUser", row.body);
    // Without a path the id has to be in the body.
    const bool named = row.body.find("\"u1\"") != std::string::npos;
    EXPECT_EQ(connect.status, named ? row.status : 400U) << row.body;
    if (row.status == 400) {
      EXPECT_EQ(message(path), message(connect)) << row.body;
    }
    by_path("u1/unlock", "");
  }
}

TEST_F(bodies, may_be_gzip) {
  const std::string body = R"({"userId":"u1","authFactors":["U2F"]})";
  const std::string_view search = "u1/authentication_factors/_search";
  for (const std::string_view fields :
       {"Content-Encoding: gzip\r\n", "content-encoding: x-gzip\r\n", "Content-Encoding: GZIP\r\n",
        "Content-Encoding: identity\r\nContent-Encoding: gzip\r\n"}) {
    for (const std::string& zipped :
         {make_gzip(body), make_gzip(body.substr(0, 9)) + make_gzip(body.substr(9))}) {
      EXPECT_EQ(by_path(search, zipped, fields).body, "{}") << fields;
      EXPECT_EQ(by_connect("ListAuthenticationFactors", zipped, fields).body, "{}") << fields;
    }
    EXPECT_THAT(by_path(search, "", fields).body, HasSubstr("otpEmail"));
    const auto bad = by_path(search, make_gzip("{"), fields);
    EXPECT_EQ(bad.status, 400U);
    EXPECT_THAT(bad.body, HasSubstr("invalid JSON: a name in quotes is missing at the end"));
  }
  for (const std::string_view fields :
       {"", "Content-Encoding:\r\n", "Content-Encoding: identity\r\n"}) {
    EXPECT_EQ(by_path(search, body, fields).body, "{}") << fields;
    EXPECT_EQ(by_path(search, make_gzip(body), fields).status, 400U) << fields;
  }
}

TEST_F(bodies, that_are_no_gzip_are_refused) {
  const std::string whole = make_gzip("{}");
  for (const std::string& body : {std::string("{}"), whole.substr(0, whole.size() - 1), whole + "x",
                                  whole + whole.substr(0, 10)}) {
    const auto seen = by_path("u1/lock", body, "Content-Encoding: gzip\r\n");
    EXPECT_EQ(seen.status, 400U);
    EXPECT_EQ(seen.body, R"({"code":3,"message":"the body is not what gzip makes"})");
    EXPECT_EQ(by_connect("LockUser", body, "Content-Encoding: gzip\r\n").status, 400U);
  }
  EXPECT_EQ(by_path("u1/lock", whole + whole, "Content-Encoding: gzip\r\n").status, 400U)
      << "{}{} is no JSON";
  EXPECT_EQ(by_path("u1/lock", whole + make_gzip(" "), "Content-Encoding: gzip\r\n").status, 200U);
}

TEST_F(bodies, of_another_coding_are_415_and_told_which_one_is_read) {
  for (const std::string_view fields :
       {"Content-Encoding: br\r\n", "Content-Encoding: deflate\r\n",
        "Content-Encoding: gzip, gzip\r\n", "Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n",
        "Content-Encoding: gzip\r\nContent-Encoding: br\r\n"}) {
    for (const std::string_view body : {"{}", ""}) {
      const auto seen = by_path("u1/lock", body, fields);
      EXPECT_EQ(seen.status, 415U) << fields;
      EXPECT_TRUE(seen.has("Accept-Encoding: gzip")) << seen.head;
      EXPECT_EQ(seen.body, R"({"code":3,"message":"unknown Content-Encoding: a body is sent as )"
                           R"(gzip, or as it is"})");
    }
    const auto stranger = ask_http("POST /v2/users/u1/lock", "{}", {}, fields);
    EXPECT_EQ(stranger.status, 401U) << "authentication comes first";
    EXPECT_THAT(stranger.head, ::testing::Not(HasSubstr("Accept-Encoding")));
    EXPECT_EQ(ask_http("POST /v2/users/%zz/lock", "{}", admin_, fields).status, 400U);
  }
  EXPECT_EQ(by_path("u1/lock", "{}").status, 200U) << "nothing above locked it";
}

// The body of a removal is ignored, whatever it holds and whatever it is called.
TEST_F(bodies, that_are_ignored_are_not_decoded) {
  for (const std::string_view coding : {"br", "gzip", "gzip, gzip"}) {
    const auto seen = ask_http("DELETE /v2/users/u1/otp_email", "no gzip", admin_,
                               "Content-Encoding: " + std::string(coding) + "\r\n");
    EXPECT_EQ(seen.status, 200U) << coding;
    add_factor("u1");
  }
}

TEST_F(bodies, have_the_same_limit_when_they_are_decompressed) {
  const auto padded = [](std::size_t size) {
    std::string body = "{}";
    body.resize(size, ' ');
    return body;
  };
  const std::string_view fields = "Content-Encoding: gzip\r\n";
  EXPECT_EQ(by_path("u1/lock", padded(bounds_.body_bytes)).status, 200U);
  EXPECT_EQ(by_path("u1/unlock", make_gzip(padded(bounds_.body_bytes)), fields).status, 200U);
  const auto over = by_path("u1/lock", make_gzip(padded(bounds_.body_bytes + 1)), fields);
  EXPECT_EQ(over.status, 413U);
  EXPECT_EQ(over.body, R"({"code":3,"message":"the request body is too large: decompressed more )"
                       R"(than 65536 bytes"})");
  const std::string halves = make_gzip(padded(bounds_.body_bytes / 2)) +
                             make_gzip(std::string(bounds_.body_bytes / 2, ' '));
  EXPECT_EQ(by_path("u1/lock", halves, fields).status, 200U);
  EXPECT_EQ(by_path("u1/unlock", halves + make_gzip(" "), fields).status, 413U);
  EXPECT_EQ(by_connect("UnlockUser", halves + make_gzip(" "), fields).status, 429U);
}

TEST_F(bodies, of_the_admin_socket_are_read_by_the_same_rules) {
  use_surface(surface::admin);
  const auto ask = [this](std::string_view body) {
    return ask_http("POST /admin/v1/tokens", body, {}, {});
  };
  EXPECT_EQ(ask(R"({"userId":"u1","roles":["IAM_OWNER"],"expiresInSeconds":"60"})").status, 201U);
  EXPECT_EQ(ask(R"({"user_id":"u1","expires_in_seconds":60,"organization":null})").status, 201U);
  const std::pair<std::string_view, std::string_view> rows[] = {
      {R"({"userId":"u1","roles":["NONE"]})", "roles holds a role that does not exist"},
      {R"({"userId":"u1","roles":["ORG_OWNER"]})", "roles mixes: ORG_ roles need an organization"},
      {R"({"userId":"u1","roles":["IAM_OWNER"],"organization":"o"})", "IAM_ roles allow none"},
      {R"({"userId":"u1","roles":[null]})", "roles[0] must be a string"},
      {R"({"userId":"u1","roles":["IAM_OWNER"],"roles":[]})", "roles is there twice"},
      {R"({"userId":"u1","organization":""})", "Organization: value length must be between"},
      {R"({"userId":"u1","expiresInSeconds":0})", "expiresInSeconds must be from 1 second to 100"},
      {R"({"userId":"u1","expiresInSeconds":"3162240001"})", "must be from 1 second to 100 years"},
      {R"({"userId":"u1","expiresInSeconds":"1h"})", "expiresInSeconds must be a whole number"},
      {R"({"roles":["IAM_OWNER"]})", "invalid CreateTokenRequest.UserId: value length"},
  };
  const std::uint64_t before = last_sequence();
  for (const auto& [body, fault] : rows) {
    const auto seen = ask(body);
    EXPECT_EQ(seen.status, 400U) << body;
    EXPECT_THAT(message(seen), HasSubstr(std::string(fault))) << body;
  }
  EXPECT_EQ(last_sequence(), before);
  for (const std::string_view body : {"", "{}", R"({"directory":"here"})", R"({"directory":7})"}) {
    EXPECT_EQ(ask_http("POST /admin/v1/backups", body).status, 400U) << body;
  }
}

}  // namespace
}  // namespace factord::protocol::session_body_test
