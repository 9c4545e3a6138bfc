#include "server/protocol/rpc/reflection.hpp"

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>

namespace factord::protocol::reflection_test {
namespace {

namespace v1 = grpc::reflection::v1;

using ::testing::ElementsAre;
using ::testing::IsSupersetOf;

v1::ServerReflectionResponse ask(const v1::ServerReflectionRequest& question) {
  v1::ServerReflectionResponse answer;
  answer_reflection(question, answer);
  EXPECT_EQ(answer.original_request().SerializeAsString(), question.SerializeAsString());
  return answer;
}

std::vector<std::string> files_of(const v1::ServerReflectionResponse& answer) {
  std::vector<std::string> names;
  for (const std::string& bytes : answer.file_descriptor_response().file_descriptor_proto()) {
    google::protobuf::FileDescriptorProto file;
    EXPECT_TRUE(file.ParseFromString(bytes));
    names.push_back(file.name());
  }
  return names;
}

TEST(reflection, lists_the_services) {
  v1::ServerReflectionRequest question;
  question.set_host("h");
  question.set_list_services("*");
  const auto answer = ask(question);
  EXPECT_EQ(answer.valid_host(), "h");
  std::vector<std::string> names;
  for (const auto& service : answer.list_services_response().service()) {
    names.push_back(service.name());
    EXPECT_TRUE(is_served(service.name()));
  }
  EXPECT_THAT(names, ElementsAre("zitadel.user.v2.UserService", "factord.v1.EventService",
                                 "factord.v1.FactorService", "factord.v1.UserService",
                                 "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
                                 "grpc.reflection.v1alpha.ServerReflection"));
}

TEST(reflection, a_file_comes_first_and_with_all_that_it_imports) {
  v1::ServerReflectionRequest question;
  question.set_file_containing_symbol("zitadel.user.v2.UserService");
  const auto by_symbol = files_of(ask(question));
  ASSERT_FALSE(by_symbol.empty());
  EXPECT_EQ(by_symbol.front(), "zitadel/user/v2/user_service.proto");
  EXPECT_THAT(by_symbol,
              IsSupersetOf({"zitadel/user/v2/user.proto", "zitadel/user/v2/email.proto",
                            "zitadel/object/v2/object.proto", "google/protobuf/timestamp.proto"}));
  question.set_file_by_filename("zitadel/user/v2/user_service.proto");
  EXPECT_EQ(files_of(ask(question)), by_symbol);
  for (const std::string_view symbol :
       {"zitadel.user.v2.UserService.RemoveOTPEmail",
        "zitadel.user.v2.RemoveOTPEmailRequest.user_id", "zitadel.v1.ErrorDetail",
        "grpc.reflection.v1alpha.ServerReflection"}) {
    question.set_file_containing_symbol(std::string(symbol));
    EXPECT_FALSE(files_of(ask(question)).empty()) << symbol;
  }
}

TEST(reflection, what_is_not_there_is_an_error_of_its_own) {
  v1::ServerReflectionRequest question;
  question.set_file_containing_symbol("zitadel.user.v2.Nothing");
  EXPECT_EQ(ask(question).error_response().error_code(), 5);
  question.set_file_by_filename("storage/model/records.proto");
  EXPECT_EQ(ask(question).error_response().error_code(), 5);
  question.mutable_file_containing_extension()->set_containing_type("zitadel.user.v2.User");
  EXPECT_EQ(ask(question).error_response().error_code(), 5);
  question.set_all_extension_numbers_of_type("zitadel.user.v2.Nothing");
  EXPECT_EQ(ask(question).error_response().error_code(), 5);
  question.set_all_extension_numbers_of_type("zitadel.user.v2.User");
  const auto none = ask(question).all_extension_numbers_response();
  EXPECT_EQ(none.base_type_name(), "zitadel.user.v2.User");
  EXPECT_EQ(none.extension_number_size(), 0);
  EXPECT_EQ(ask({}).error_response().error_code(), 3);
}

TEST(reflection, version_1_and_v1alpha_have_the_same_fields) {
  const auto shape = [](std::string_view version) {
    const auto* file = google::protobuf::DescriptorPool::generated_pool()->FindFileByName(
        "grpc/reflection/" + std::string(version) + "/reflection.proto");
    google::protobuf::FileDescriptorProto proto;
    file->CopyTo(&proto);
    std::string text = proto.message_type(0).DebugString() + proto.service(0).DebugString();
    for (int i = 1; i < proto.message_type_size(); ++i) text += proto.message_type(i).DebugString();
    for (std::size_t at; (at = text.find("v1alpha")) != std::string::npos;) text.erase(at + 2, 5);
    return text;
  };
  EXPECT_EQ(shape("v1alpha"), shape("v1"));
}

TEST(reflection, only_services_of_ours_are_served) {
  EXPECT_FALSE(is_served("zitadel.user.v2.User"));
  EXPECT_FALSE(is_served("UserService"));
  EXPECT_FALSE(is_served(""));
}

}  // namespace
}  // namespace factord::protocol::reflection_test
