// What protobuf's conformance suite asks of a reader of JSON, by the names of its cases, for the
// kinds of fields that our messages have (strings, booleans, integers, enums, messages, repeated
// ones, oneofs). It is stricter or wider here only where API.md says so: unknown names are ignored.

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "server/protocol/json/message.hpp"
#include "server/protocol/proto/factord/admin/v1/admin.pb.h"
#include "server/protocol/proto/grpc/reflection/v1/reflection.pb.h"
#include "server/protocol/proto/zitadel/user/v2/user_service.pb.h"

namespace factord::protocol::conformance_test {
namespace {

namespace v2 = zitadel::user::v2;

using google::protobuf::Message;

enum class verdict { accepted, refused };
using enum verdict;

struct conformance_case {
  const char* name;  ///< in the suite
  const Message& type;
  std::string_view json;
  verdict wanted;
};

const Message& text = v2::RemoveOTPEmailRequest::default_instance();
const Message& add = v2::AddHumanUserRequest::default_instance();
const Message& filters = v2::ListAuthenticationFactorsRequest::default_instance();
const Message& uint64 = factord::admin::v1::CreateTokenRequest::default_instance();
const Message& int32 = grpc::reflection::v1::ExtensionRequest::default_instance();

const conformance_case cases[] = {
    {"HelloWorld", text, R"({"userId":"Hello, World!"})", accepted},
    {"FieldNameInLowerCamelCase", add, R"({"idpLinks":[]})", accepted},
    {"OriginalProtoFieldName", add, R"({"idp_links":[],"user_id":"1"})", accepted},
    {"FieldNameEscaped", text, R"({"\u0075serId":"1"})", accepted},
    {"FieldNameDuplicate", text, R"({"userId":"1","userId":"1"})", refused},
    {"FieldNameDuplicateDifferentCasing1", text, R"({"user_id":"1","userId":"2"})", refused},
    {"FieldNameDuplicateDifferentCasing2", text, R"({"userId":"1","user_id":"2"})", refused},
    {"FieldNameNotQuoted", text, R"({userId:"1"})", refused},
    {"FieldNameSingleQuoted", text, R"({'userId':"1"})", refused},
    {"TrailingCommaInAnObject", text, R"({"userId":"1",})", refused},
    {"TrailingCommaInAnObjectWithSpace", text, R"({"userId":"1" ,})", refused},
    {"TrailingCommaInAnObjectWithSpaceCommaSpace", text, R"({"userId":"1" , })", refused},
    {"TrailingCommaInAnObjectWithNewlines", text, "{\n  \"userId\":\"1\",\n}", refused},
    {"MissingCommaOneline", add, R"({"userId":"1" "username":"2"})", refused},
    {"MissingCommaMultiline", add, "{\n  \"userId\":\"1\"\n  \"username\":\"2\"\n}", refused},
    {"WhitespaceAllowed", text, " \t\r\n{ \"userId\"\n:\t\"1\"\r} ", accepted},
    {"OtherWhitespaceRefused", text, "{\v\"userId\":\"1\"}", refused},
    {"ByteOrderMark", text, "\xEF\xBB\xBF{\"userId\":\"1\"}", refused},
    {"TrailingGarbage", text, R"({"userId":"1"}x)", refused},
    {"TwoValues", text, R"({"userId":"1"}{})", refused},
    {"CommentRefused", text, R"({/**/"userId":"1"})", refused},
    {"ToplevelNull", text, "null", refused},
    {"ToplevelArray", text, "[]", refused},
    {"ToplevelString", text, R"("userId")", refused},
    {"UnclosedObject", text, R"({"userId":"1")", refused},

    {"Int32FieldMaxValue", int32, R"({"extensionNumber":2147483647})", accepted},
    {"Int32FieldMinValue", int32, R"({"extensionNumber":-2147483648})", accepted},
    {"Int32FieldFloatTrailingZero", int32, R"({"extensionNumber":100000.000})", accepted},
    {"Int32FieldExponentialFormat", int32, R"({"extensionNumber":1e5})", accepted},
    {"Int32FieldMaxFloatValue", int32, R"({"extensionNumber":2.147483647e9})", accepted},
    {"Int32FieldMinFloatValue", int32, R"({"extensionNumber":-2.147483648e9})", accepted},
    {"Int32FieldStringValue", int32, R"({"extensionNumber":"2147483647"})", accepted},
    {"Int32FieldStringValueEscaped", int32, R"({"extensionNumber":"2\u003147483647"})", accepted},
    {"Int32FieldTooLarge", int32, R"({"extensionNumber":2147483648})", refused},
    {"Int32FieldTooSmall", int32, R"({"extensionNumber":-2147483649})", refused},
    {"Int32FieldNotInteger", int32, R"({"extensionNumber":0.5})", refused},
    {"Int32FieldNotNumber", int32, R"({"extensionNumber":"3x3"})", refused},
    {"Int32FieldStringValueEmpty", int32, R"({"extensionNumber":""})", refused},
    {"Int32FieldStringValueNonNumeric", int32, R"({"extensionNumber":"abc"})", refused},
    {"Int32FieldLeadingZero", int32, R"({"extensionNumber":01})", refused},
    {"Int32FieldNegativeWithLeadingZero", int32, R"({"extensionNumber":-01})", refused},
    {"Int32FieldPlusSign", int32, R"({"extensionNumber":+1})", refused},
    {"Int32FieldLeadingSpace", int32, R"({"extensionNumber":" 1"})", refused},
    {"Int32FieldTrailingSpace", int32, R"({"extensionNumber":"1 "})", refused},
    {"Int32MapFieldHexNumber", int32, R"({"extensionNumber":0x10})", refused},
    {"NumberWithoutFractionDigits", int32, R"({"extensionNumber":1.})", refused},
    {"NumberWithoutIntegerDigits", int32, R"({"extensionNumber":.5})", refused},
    {"NumberWithoutExponentDigits", int32, R"({"extensionNumber":1e})", refused},
    {"NegativeZero", int32, R"({"extensionNumber":-0})", accepted},
    {"NaN", int32, R"({"extensionNumber":NaN})", refused},
    {"Infinity", int32, R"({"extensionNumber":-Infinity})", refused},
    {"Uint64FieldMaxValue", uint64, R"({"expiresInSeconds":"18446744073709551615"})", accepted},
    {"Uint64FieldMaxValueNotQuoted", uint64, R"({"expiresInSeconds":18446744073709551615})",
     accepted},
    {"Uint64FieldTooLarge", uint64, R"({"expiresInSeconds":"18446744073709551616"})", refused},
    {"Uint64FieldTooLargeNotQuoted", uint64, R"({"expiresInSeconds":18446744073709551616})",
     refused},
    {"Uint64FieldNegative", uint64, R"({"expiresInSeconds":"-1"})", refused},
    {"Uint64FieldNotInteger", uint64, R"({"expiresInSeconds":"0.5"})", refused},
    {"Uint64FieldNotNumber", uint64, R"({"expiresInSeconds":"3x3"})", refused},

    {"BoolFieldTrue", add, R"({"email":{"isVerified":true}})", accepted},
    {"BoolFieldFalse", add, R"({"email":{"isVerified":false}})", accepted},
    {"BoolFieldIntegerZero", add, R"({"email":{"isVerified":0}})", refused},
    {"BoolFieldIntegerOne", add, R"({"email":{"isVerified":1}})", refused},
    {"BoolFieldCamelCaseTrue", add, R"({"email":{"isVerified":True}})", refused},
    {"BoolFieldAllCapitalFalse", add, R"({"email":{"isVerified":FALSE}})", refused},
    {"BoolFieldDoubleQuotedTrue", add, R"({"email":{"isVerified":"true"}})", refused},
    {"BoolFieldDoubleQuotedFalse", add, R"({"email":{"isVerified":"false"}})", refused},

    {"EnumField", add, R"({"profile":{"gender":"GENDER_FEMALE"}})", accepted},
    {"EnumFieldNotQuoted", add, R"({"profile":{"gender":GENDER_FEMALE}})", refused},
    {"EnumFieldNumericValueZero", add, R"({"profile":{"gender":0}})", accepted},
    {"EnumFieldNumericValueNonZero", add, R"({"profile":{"gender":1}})", accepted},
    {"EnumFieldUnknownValue", add, R"({"profile":{"gender":123}})", accepted},
    {"EnumFieldUnknownName", add, R"({"profile":{"gender":"UNKNOWN"}})", refused},
    {"EnumFieldLowerCase", add, R"({"profile":{"gender":"gender_female"}})", refused},
    {"EnumFieldNumericString", add, R"({"profile":{"gender":"1"}})", refused},
    {"EnumFieldFraction", add, R"({"profile":{"gender":0.5}})", refused},

    {"StringField", text, R"({"userId":"Hello world!"})", accepted},
    {"StringFieldUnicode", text, R"({"userId":"谷歌"})", accepted},
    {"StringFieldEscape", text, R"({"userId":"\"\\\/\b\f\n\r\t"})", accepted},
    {"StringFieldUnicodeEscape", text, R"({"userId":"\u8C37\u6B4C"})", accepted},
    {"StringFieldUnicodeEscapeWithLowercaseHexLetters", text, R"({"userId":"\u8c37\u6b4c"})",
     accepted},
    {"StringFieldSurrogatePair", text, R"({"userId":"\uD83D\uDE01"})", accepted},
    {"StringFieldEmbeddedNull", text, R"({"userId":"Hello\u0000world!"})", accepted},
    {"StringFieldNotAString", text, R"({"userId":12345})", refused},
    {"StringFieldUppercaseEscape", text, R"({"userId":"\U8C37\U6b4C"})", refused},
    {"StringFieldInvalidEscape", text, R"({"userId":"\uXXXX\u6B4C"})", refused},
    {"StringFieldUnterminatedEscape", text, R"({"userId":"\u8C3"})", refused},
    {"StringFieldUnpairedHighSurrogate", text, R"({"userId":"\uD800"})", refused},
    {"StringFieldUnpairedLowSurrogate", text, R"({"userId":"\uDC00"})", refused},
    {"StringFieldInvertedSurrogatePair", text, R"({"userId":"\uDE01\uD83D"})", refused},
    {"StringFieldInvalidUtf8", text, "{\"userId\":\"\xFF\"}", refused},
    {"StringFieldSingleQuoteValue", text, R"({"userId":'some text'})", refused},
    {"StringFieldSingleQuoteBoth", text, R"({'userId':'some text'})", refused},
    {"StringFieldUnterminated", text, R"({"userId":"some)", refused},
    {"StringFieldControlByte", text, "{\"userId\":\"a\nb\"}", refused},

    {"MessageField", add, R"({"profile":{"givenName":"1"}})", accepted},
    {"MessageFieldNotAnObject", add, R"({"profile":"1"})", refused},
    {"MessageFieldIsArray", add, R"({"profile":[]})", refused},
    {"PrimitiveRepeatedField", filters, R"({"authFactors":[1,2]})", accepted},
    {"EnumRepeatedField", filters, R"({"authFactors":["OTP_EMAIL","U2F",3]})", accepted},
    {"MessageRepeatedField", add, R"({"metadata":[{"key":"1"},{"key":"5"}]})", accepted},
    {"EmptyRepeatedField", filters, R"({"authFactors":[]})", accepted},
    {"RepeatedFieldNotAnArray", filters, R"({"authFactors":1})", refused},
    {"RepeatedFieldTrailingComma", filters, R"({"authFactors":[1,2,]})", refused},
    {"RepeatedFieldTrailingCommaWithSpace", filters, R"({"authFactors":[1,2 ,]})", refused},
    {"RepeatedFieldTrailingCommaWithSpaceCommaSpace", filters, R"({"authFactors":[1,2 , ]})",
     refused},
    {"RepeatedFieldMissingComma", filters, R"({"authFactors":[1 2]})", refused},
    {"RepeatedFieldPrimitiveElementIsNull", filters, R"({"authFactors":[1,null]})", refused},
    {"RepeatedFieldMessageElementIsNull", add, R"({"metadata":[{"key":"1"},null]})", refused},
    {"RepeatedFieldWrongElementTypeExpectingIntegersGotBool", filters,
     R"({"authFactors":[1,false]})", refused},
    {"RepeatedFieldWrongElementTypeExpectingIntegersGotMessage", filters,
     R"({"authFactors":[1,{"a":1}]})", refused},
    {"RepeatedFieldWrongElementTypeExpectingMessagesGotString", add,
     R"({"metadata":[{"key":"1"},"2"]})", refused},
    {"RepeatedFieldWrongElementTypeExpectingMessagesGotInt", add, R"({"metadata":[{},1]})",
     refused},
    {"RepeatedFieldNestedArray", filters, R"({"authFactors":[[1]]})", refused},

    {"OneofFieldDuplicate", add, R"({"organization":{"orgId":"1","orgDomain":"2"}})", refused},
    {"OneofFieldNullFirst", add, R"({"organization":{"orgId":null,"orgDomain":"2"}})", accepted},
    {"OneofFieldNullSecond", add, R"({"organization":{"orgDomain":"2","orgId":null}})", accepted},
    {"OneofZeroString", add, R"({"organization":{"orgId":""}})", accepted},
    {"OneofZeroBool", add, R"({"email":{"isVerified":false}})", accepted},
    {"OneofZeroMessage", add, R"({"email":{"returnCode":{}}})", accepted},
    {"AllFieldAcceptNull", add,
     R"({"userId":null,"username":null,"organization":null,"profile":null,"email":null,
         "metadata":null,"idpLinks":null,"totpSecret":null})",
     accepted},
    {"NullIsNoValueOfAString", text, R"({"userId":Null})", refused},
    {"IgnoreUnknownJsonNumber", text, R"({"unknown":1})", accepted},
    {"IgnoreUnknownJsonString", text, R"({"unknown":"a"})", accepted},
    {"IgnoreUnknownJsonTrue", text, R"({"unknown":true})", accepted},
    {"IgnoreUnknownJsonNull", text, R"({"unknown":null})", accepted},
    {"IgnoreUnknownJsonObject", text, R"({"unknown":{"a":1}})", accepted},
    {"IgnoreUnknownJsonArray", text, R"({"unknown":[1,"2",{}]})", accepted},
    {"UnknownValueIsReadAllTheSame", text, R"({"unknown":[1,]})", refused},
};

class conformance : public ::testing::TestWithParam<conformance_case> {};

TEST_P(conformance, is_as_the_suite_says) {
  const conformance_case& one = GetParam();
  const std::unique_ptr<Message> message(one.type.New());
  const std::string fault = read_json_message(one.json, *message);
  EXPECT_EQ(fault.empty() ? accepted : refused, one.wanted) << one.json << " " << fault;
  if (one.wanted == refused) return;
  const std::unique_ptr<Message> judged(one.type.New());
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto status =
      google::protobuf::util::JsonStringToMessage(std::string(one.json), judged.get(), options);
  ASSERT_TRUE(status.ok()) << one.json << " " << status.ToString();
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*message, *judged))
      << message->ShortDebugString() << " / " << judged->ShortDebugString();
}

INSTANTIATE_TEST_SUITE_P(json, conformance, ::testing::ValuesIn(cases),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace factord::protocol::conformance_test
