#include "server/protocol/json/message.hpp"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>

#include <set>

#include "server/protocol/json/cursor.hpp"
#include "server/protocol/proto/factord/admin/v1/admin.pb.h"
#include "server/protocol/proto/factord/v1/factor_service.pb.h"
#include "server/protocol/proto/factord/v1/user_service.pb.h"
#include "server/protocol/proto/grpc/health/v1/health.pb.h"
#include "server/protocol/proto/grpc/reflection/v1/reflection.pb.h"
#include "server/protocol/proto/zitadel/user/v2/user_service.pb.h"

namespace factord::protocol::message_test {
namespace {

namespace v2 = zitadel::user::v2;

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using ::testing::HasSubstr;

template <class Type>
std::string fault_of(std::string_view body) {
  Type message;
  return read_json_message(body, message);
}

// What passes says what protobuf's own reader makes of it.
template <class Type>
Type read(const std::string& body) {
  Type message;
  EXPECT_EQ(read_json_message(body, message), "") << body;
  Type judged;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto status = google::protobuf::util::JsonStringToMessage(body, &judged, options);
  EXPECT_TRUE(status.ok()) << body << " " << status.ToString();
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(message, judged))
      << body << " " << message.ShortDebugString() << " / " << judged.ShortDebugString();
  return message;
}

// A body with so many arrays, or objects, inside each other; the body itself is the first level.
std::string nested_arrays(std::size_t depth) {
  return "{\"a\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
}

std::string nested_objects(std::size_t depth) {
  std::string text = "1";
  for (std::size_t i = 0; i < depth; ++i) text = "{\"a\":" + text + "}";
  return text;
}

TEST(json_message, passes) {
  using add = v2::AddHumanUserRequest;
  const auto full = read<add>(
      R"( { "userId" : "i" , "user" : [ {"a":null} , 1e5 ] , "username" : null ,
      "profile":{"given_name":"A","familyName":"B","nickName":"\u8C37\u6b4c \uD83D\uDE01\b\f\n\r\t\/\\\"",
      "gender":"GENDER_DIVERSE"},
      "email":{"email":"谷歌","isVerified":false},"metadata":[{},{"key":"k"}],"idpLinks":null})");
  EXPECT_EQ(full.user_id(), "i");
  EXPECT_FALSE(full.has_username());
  EXPECT_EQ(full.profile().nick_name(), "谷歌 😁\b\f\n\r\t/\\\"");
  EXPECT_EQ(full.profile().gender(), v2::GENDER_DIVERSE);
  EXPECT_TRUE(full.email().has_is_verified());
  EXPECT_EQ(full.metadata_size(), 2);
  EXPECT_EQ(read<add>("{}").ByteSizeLong(), 0U);
  EXPECT_TRUE(read<add>(R"({"userId":""})").has_user_id());
  EXPECT_TRUE(read<add>(R"({"profile":{"gender":0}})").profile().has_gender());
  EXPECT_EQ(read<add>(R"({"profile":{"gender":99}})").profile().gender(), 99);
  EXPECT_TRUE(read<add>(R"({"organization":{"orgId":null,"orgDomain":"d"}})")
                  .organization()
                  .has_org_domain());
  EXPECT_TRUE(read<add>(R"({"email":{"return_code":{"x":1}}})").email().has_return_code());
  EXPECT_EQ(read<add>("{\"userId\":\"\x7F\"}").user_id(), "\x7F");
  EXPECT_EQ(read<add>(R"({"userId":"a\u0000b"})").user_id(), std::string("a\0b", 3));

  using list = v2::ListAuthenticationFactorsRequest;
  EXPECT_EQ(read<list>(R"({"authFactors":["OTP_EMAIL",3,0,-1,2147483647],"states":[]})")
                .auth_factors_size(),
            5);
  EXPECT_EQ(read<list>(R"({"authFactors":null,"auth":1,"Auth":2,"x":3})").auth_factors_size(), 0);
  EXPECT_EQ(read<list>(R"({"authFactors":[2.0,2e0,20e-1]})").auth_factors(2), v2::OTP_EMAIL);
}

TEST(json_message, integers_are_numbers_or_digits_within_their_range) {
  using token = factord::admin::v1::CreateTokenRequest;
  const auto of = [](const std::string& value) {
    return read<token>("{\"expiresInSeconds\":" + value + "}").expires_in_seconds();
  };
  EXPECT_EQ(of("1"), 1U);
  EXPECT_EQ(of("\"1\""), 1U);
  EXPECT_EQ(of("\"\\u0031\\u0032\""), 12U);
  EXPECT_EQ(of("1e5"), 100'000U);
  EXPECT_EQ(of("18446744073709551615"), UINT64_MAX);
  EXPECT_EQ(of("\"18446744073709551615\""), UINT64_MAX);
  for (const std::string_view value : {"-1",
                                       "18446744073709551616",
                                       "\"18446744073709551616\"",
                                       "0.5",
                                       "\"0.5\"",
                                       "\"\"",
                                       "\"-\"",
                                       "\" 1\"",
                                       "\"1 \"",
                                       "\"+1\"",
                                       "\"01\"",
                                       "\"1e5\"",
                                       "\"3x3\"",
                                       "\"0x1\"",
                                       "\"NaN\"",
                                       "\"Infinity\"",
                                       "1e999",
                                       "1e-1",
                                       "true",
                                       "[]",
                                       "[1]",
                                       "{}"}) {
    EXPECT_EQ(fault_of<token>("{\"expiresInSeconds\":" + std::string(value) + "}"),
              "invalid JSON: expiresInSeconds must be a whole number from 0 to "
              "18446744073709551615, at byte 20")
        << value;
  }
  using extension = grpc::reflection::v1::ExtensionRequest;
  EXPECT_EQ(read<extension>(R"({"extensionNumber":-2147483648})").extension_number(), INT32_MIN);
  EXPECT_EQ(read<extension>(R"({"extension_number":"2147483647"})").extension_number(), INT32_MAX);
  for (const std::string_view value : {"2147483648", "-2147483649", "\"2147483648\""}) {
    EXPECT_EQ(fault_of<extension>("{\"extensionNumber\":" + std::string(value) + "}"),
              "invalid JSON: extensionNumber must be a whole number from -2147483648 to "
              "2147483647, at byte 19");
  }
}

struct bad_body {
  std::string body;
  std::string_view fault;
};

TEST(json_message, what_has_another_type_is_refused_by_its_path_and_offset) {
  const bad_body rows[] = {
      {"null", "the body must be an object, at byte 0"},
      {"[]", "the body must be an object, at byte 0"},
      {" 7", "the body must be an object, at byte 1"},
      {"\"{}\"", "the body must be an object, at byte 0"},
      {R"({"userId":1})", "userId must be a string, at byte 10"},
      {R"({"user_id":{}})", "userId must be a string, at byte 11"},
      {R"({"userId":["a"]})", "userId must be a string, at byte 10"},
      {R"({"userId":true})", "userId must be a string, at byte 10"},
      {R"({"profile":"A"})", "profile must be an object, at byte 11"},
      {R"({"profile":[]})", "profile must be an object, at byte 11"},
      {R"({"profile":{"givenName":false}})", "profile.givenName must be a string, at byte 24"},
      {R"({"email":{"isVerified":"true"}})", "email.isVerified must be true or false, at byte 23"},
      {R"({"email":{"isVerified":0}})", "email.isVerified must be true or false, at byte 23"},
      {R"({"metadata":{}})", "metadata must be an array, at byte 12"},
      {R"({"metadata":[{}, null]})", "metadata[1] must be an object, at byte 17"},
      {R"({"metadata":[{},{},[]]})", "metadata[2] must be an object, at byte 19"},
      {R"({"userId":"a","userId":"a"})", "userId is there twice, at byte 14"},
      {R"({"userId":"a","user_id":"a"})", "userId is there twice, at byte 14"},
      {R"({"userId":null,"userId":"a"})", "userId is there twice, at byte 15"},
      {R"({"userId":"a","\u0075serId":"a"})", "userId is there twice, at byte 14"},
      {R"({"profile":{"givenName":"a","given_name":"a"}})",
       "profile.givenName is there twice, at byte 28"},
      {R"({"metadata":[{}],"metadata":[]})", "metadata is there twice, at byte 17"},
      {R"({"x":1,"x":1})", "a member is there twice, at byte 7"},
      {R"({"x":{"y":[{"z":1,"\u007a":2}]}})", "a member is there twice, at byte 18"},
      {R"({"email":{"x":1,"x":1}})", "email: a member is there twice, at byte 16"},
      {R"({"metadata":[{},{"x":{"y":1,"y":1}}]})",
       "metadata[1]: a member is there twice, at byte 28"},
      {R"({"email":{"returnCode":{},"isVerified":false}})",
       "email.isVerified must be left out: only one of sendCode, returnCode, isVerified may be "
       "set, at byte 39"},
      {R"({"organization":{"orgId":"","orgDomain":""}})",
       "organization.orgDomain must be left out: only one of orgId, orgDomain may be set, at byte "
       "40"},
      {R"({"password":{},"hashedPassword":{}})",
       "hashedPassword must be left out: only one of password, hashedPassword may be set, at byte "
       "32"},
  };
  for (const bad_body& row : rows) {
    EXPECT_EQ(fault_of<v2::AddHumanUserRequest>(row.body),
              std::string("invalid JSON: ").append(row.fault))
        << row.body;
  }
}

TEST(json_message, an_enum_is_one_of_its_names_or_a_number) {
  for (const std::string_view value : {"\"BOGUS\"", "\"2\"", "null", "\"otp_email\"", "\"\"",
                                       "true", "{}", "[]", "0.5", "2147483648", "1e400"}) {
    EXPECT_EQ(fault_of<v2::ListAuthenticationFactorsRequest>("{\"authFactors\":[\"OTP\"," +
                                                             std::string(value) + "]}"),
              "invalid JSON: authFactors[1] must be one of OTP, OTP_SMS, OTP_EMAIL, U2F, or a "
              "number, at byte 22")
        << value;
  }
  EXPECT_EQ(fault_of<v2::ListAuthenticationFactorsRequest>(R"({"authFactors":"OTP_EMAIL"})"),
            "invalid JSON: authFactors must be an array, at byte 15");
  EXPECT_EQ(fault_of<v2::AddHumanUserRequest>(R"({"profile":{"gender":"BOGUS"}})"),
            "invalid JSON: profile.gender must be one of GENDER_UNSPECIFIED, GENDER_FEMALE, "
            "GENDER_MALE, GENDER_DIVERSE, or a number, at byte 21");
}

TEST(json_message, what_is_no_json_is_refused_with_its_offset) {
  const bad_body rows[] = {
      {" ", "a value is missing at the end, at byte 1"},
      {"{", "a name in quotes is missing at the end, at byte 1"},
      {"nope", "the body must be an object, at byte 0"},
      {"\xEF\xBB\xBF{}", "a value is expected, at byte 0"},
      {"{}{}", "something follows the value, at byte 2"},
      {"{} x", "something follows the value, at byte 3"},
      {std::string("{}\0", 3), "something follows the value, at byte 2"},
      {"{'userId':\"a\"}", "a name in quotes is expected, at byte 1"},
      {R"({userId:"a"})", "a name in quotes is expected, at byte 1"},
      {R"({"userId" "a"})", "a colon is expected, at byte 10"},
      {R"({"userId":'a'})", "userId: a value is expected, at byte 10"},
      {R"({"userId":})", "userId: a value is expected, at byte 10"},
      {R"({"userId":"a",})", "a name in quotes is expected, at byte 14"},
      {R"({"userId":"a" , })", "a name in quotes is expected, at byte 16"},
      {R"({,"userId":"a"})", "a name in quotes is expected, at byte 1"},
      {R"({"userId":"a";})", "a comma or the end of the object is expected, at byte 13"},
      {R"({"userId":"a")", "a comma or the end of the object is missing at the end, at byte 13"},
      {R"({"userId":"a)", "userId: a closing quote is missing at the end, at byte 12"},
      {R"({"userId":"a\)", "userId: a closing quote is missing at the end, at byte 13"},
      {R"({"metadata":[{},]})", "metadata[1]: a value is expected, at byte 16"},
      {R"({"metadata":[{} {}]})",
       "metadata: a comma or the end of the array is expected, at byte 16"},
      {R"({"metadata":[)", "metadata[0]: a value is missing at the end, at byte 13"},
      {R"({"email":{"isVerified":true,}})", "email: a name in quotes is expected, at byte 28"},
      {R"({"email":{"x":[1,]}})", "email: a value is expected, at byte 17"},
      {R"({"email":{"returnCode":{} 1}})",
       "email: a comma or the end of the object is expected, at byte 26"},
      {R"({"x":[1,]})", "a value is expected, at byte 8"},
      {R"({"x":[1}})", "a comma or the end of the array is expected, at byte 7"},
      {R"({"x":NaN})", "a value is expected, at byte 5"},
      {R"({"x":Infinity})", "a value is expected, at byte 5"},
      {R"({"x":-Infinity})", "a digit is expected, at byte 6"},
      {R"({"x":+1})", "a value is expected, at byte 5"},
      {R"({"x":.5})", "a value is expected, at byte 5"},
      {R"({"x":5.})", "a digit is expected, at byte 7"},
      {R"({"x":1e})", "a digit is expected, at byte 7"},
      {R"({"x":1e+-1})", "a digit is expected, at byte 8"},
      {R"({"x":01})", "a comma or the end of the object is expected, at byte 6"},
      {R"({"x":-01})", "a comma or the end of the object is expected, at byte 7"},
      {R"({"x":0x1})", "a comma or the end of the object is expected, at byte 6"},
      {R"({"x":True})", "a value is expected, at byte 5"},
      {R"({"x":tru})", "true is expected, at byte 5"},
      {R"({"x":nul)", "null is expected, at byte 5"},
      {R"({"x":falsehood})", "a comma or the end of the object is expected, at byte 10"},
      {R"({"x":/**/1})", "a value is expected, at byte 5"},
  };
  for (const bad_body& row : rows) {
    EXPECT_EQ(fault_of<v2::AddHumanUserRequest>(row.body),
              std::string("invalid JSON: ").append(row.fault))
        << row.body;
  }
}

TEST(json_message, what_is_no_string_is_refused_with_its_offset) {
  const bad_body rows[] = {
      {"{\"userId\":\"a\nb\"}", "userId: a control character stands in a string, at byte 12"},
      {std::string("{\"userId\":\"a\0b\"}", 16),
       "userId: a control character stands in a string, at byte 12"},
      {"{\"userId\":\"a\xFF\"}", "userId: a string is not UTF-8, at byte 12"},
      {"{\"x\":\"\xED\xA0\x80\"}", "a string is not UTF-8, at byte 6"},
      {"{\"x\":\"\xC0\xAF\"}", "a string is not UTF-8, at byte 6"},
      {"{\"x\":\"\xF4\x90\x80\x80\"}", "a string is not UTF-8, at byte 6"},
      {"{\"\xC3\":1}", "a string is not UTF-8, at byte 2"},
      {R"({"userId":"\uD800"})", "userId: half a surrogate pair stands in a string, at byte 11"},
      {R"({"userId":"\uDC00"})", "userId: half a surrogate pair stands in a string, at byte 11"},
      {R"({"userId":"\uDE01\uD83D"})",
       "userId: half a surrogate pair stands in a string, at byte 11"},
      {R"({"userId":"\uD83D\uD83D"})",
       "userId: half a surrogate pair stands in a string, at byte 11"},
      {R"({"userId":"\uD83Dx"})", "userId: half a surrogate pair stands in a string, at byte 11"},
      {R"({"userId":"\uD83D\n"})", "userId: half a surrogate pair stands in a string, at byte 11"},
      {R"({"userId":"\uXXXX"})", "userId: a hexadecimal digit is expected, at byte 13"},
      {R"({"userId":"\u8C3"})", "userId: a hexadecimal digit is expected, at byte 16"},
      {R"({"userId":"\u8C)", "userId: a hexadecimal digit is missing at the end, at byte 15"},
      {R"({"userId":"\U8C37"})", "userId: an unknown escape stands in a string, at byte 11"},
      {R"({"userId":"\x41"})", "userId: an unknown escape stands in a string, at byte 11"},
  };
  for (const bad_body& row : rows) {
    EXPECT_EQ(fault_of<v2::AddHumanUserRequest>(row.body),
              std::string("invalid JSON: ").append(row.fault))
        << row.body;
  }
}

TEST(json_message, depth_at_the_limit_and_one_past) {
  for (const auto& body : {nested_arrays, nested_objects}) {
    EXPECT_EQ(fault_of<v2::LockUserRequest>(body(json_depth_max)), "");
    for (const std::size_t depth : {json_depth_max + 1, std::size_t{2'000}}) {
      EXPECT_THAT(fault_of<v2::LockUserRequest>(body(depth)), HasSubstr("JSON: too deep"));
    }
  }
  // Fields that are known count as well; and no end is needed to see it.
  const std::string endless = "{\"profile\":{\"x\":" + std::string(60'000, '[');
  EXPECT_EQ(fault_of<v2::AddHumanUserRequest>(endless),
            "invalid JSON: profile: too deep, at byte 46");
}

TEST(json_message, an_empty_text_is_an_empty_object) {
  EXPECT_EQ(fault_of<v2::LockUserRequest>(""), "");
}

// The reader knows no floating-point numbers, bytes, maps or well-known types: no request has one.
void expect_known_types(const Descriptor& type, std::set<std::string>& seen) {
  if (!seen.insert(type.full_name()).second) return;
  EXPECT_LE(type.field_count(), 64) << type.full_name();
  EXPECT_FALSE(type.full_name().starts_with("google.protobuf.")) << type.full_name();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const std::set<FieldDescriptor::CppType> known{
        FieldDescriptor::CPPTYPE_STRING, FieldDescriptor::CPPTYPE_BOOL,
        FieldDescriptor::CPPTYPE_ENUM,   FieldDescriptor::CPPTYPE_MESSAGE,
        FieldDescriptor::CPPTYPE_INT32,  FieldDescriptor::CPPTYPE_INT64,
        FieldDescriptor::CPPTYPE_UINT32, FieldDescriptor::CPPTYPE_UINT64};
    EXPECT_TRUE(known.contains(field.cpp_type())) << field.full_name();
    EXPECT_NE(field.type(), FieldDescriptor::TYPE_BYTES) << field.full_name();
    EXPECT_FALSE(field.is_map()) << field.full_name();
    if (field.message_type() != nullptr) expect_known_types(*field.message_type(), seen);
  }
}

TEST(json_message, no_request_has_a_field_of_another_type) {
  std::set<std::string> seen;
  for (const auto* file : {v2::LockUserRequest::descriptor()->file(),
                           grpc::health::v1::HealthCheckRequest::descriptor()->file(),
                           grpc::reflection::v1::ServerReflectionRequest::descriptor()->file()}) {
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) {
        expect_known_types(*file->service(i)->method(j)->input_type(), seen);
      }
    }
  }
  expect_known_types(*factord::admin::v1::CreateTokenRequest::descriptor(), seen);
  expect_known_types(*factord::admin::v1::StartBackupRequest::descriptor(), seen);
  expect_known_types(*factord::admin::v1::ResetStoreRequest::descriptor(), seen);
  expect_known_types(*factord::v1::BulkRemoveOTPEmailRequest::descriptor(), seen);
  expect_known_types(*factord::v1::BulkAddHumanUserRequest::descriptor(), seen);
  EXPECT_GT(seen.size(), 20U);
}

}  // namespace
}  // namespace factord::protocol::message_test
