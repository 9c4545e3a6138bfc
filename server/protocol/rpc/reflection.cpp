#include "server/protocol/rpc/reflection.hpp"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <algorithm>
#include <array>
#include <unordered_set>

#include "server/protocol/proto/factord/v1/event_service.pb.h"
#include "server/protocol/proto/factord/v1/factor_service.pb.h"
#include "server/protocol/proto/factord/v1/user_service.pb.h"
#include "server/protocol/proto/grpc/health/v1/health.pb.h"
#include "server/protocol/proto/grpc/reflection/v1alpha/reflection.pb.h"
#include "server/protocol/proto/zitadel/message.pb.h"
#include "server/protocol/proto/zitadel/user/v2/user_service.pb.h"
#include "server/service/answer.hpp"

namespace factord::protocol {
namespace {

namespace v1 = grpc::reflection::v1;

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;
using service::status_code;

// A message of each file that somebody may ask for; naming them keeps the linker from leaving the
// files out.
const auto& files_served() {
  static const std::array files{
      zitadel::user::v2::RemoveOTPEmailRequest::descriptor()->file(),
      zitadel::v1::ErrorDetail::descriptor()->file(),
      factord::v1::WatchRequest::descriptor()->file(),
      factord::v1::BulkRemoveOTPEmailRequest::descriptor()->file(),
      factord::v1::BulkAddHumanUserRequest::descriptor()->file(),
      grpc::health::v1::HealthCheckRequest::descriptor()->file(),
      v1::ServerReflectionRequest::descriptor()->file(),
      grpc::reflection::v1alpha::ServerReflectionRequest::descriptor()->file(),
  };
  return files;
}

const DescriptorPool& pool() { return *DescriptorPool::generated_pool(); }

void fail(status_code code, std::string_view message, v1::ServerReflectionResponse& out) {
  out.mutable_error_response()->set_error_code(static_cast<int>(code));
  out.mutable_error_response()->set_error_message(message.data(), message.size());
}

void not_found(std::string_view what, v1::ServerReflectionResponse& out) {
  fail(status_code::not_found, std::string(what) + " is not known here", out);
}

// Files before what imports them, each once.
void append_file(const FileDescriptor& file, std::unordered_set<const FileDescriptor*>& seen,
                 v1::FileDescriptorResponse& out) {
  if (!seen.insert(&file).second) return;
  for (int i = 0; i < file.dependency_count(); ++i) append_file(*file.dependency(i), seen, out);
  google::protobuf::FileDescriptorProto proto;
  file.CopyTo(&proto);
  proto.SerializeToString(out.add_file_descriptor_proto());
}

void answer_file(const FileDescriptor* file, std::string_view asked,
                 v1::ServerReflectionResponse& out) {
  if (file == nullptr) return not_found(asked, out);
  std::unordered_set<const FileDescriptor*> seen;
  append_file(*file, seen, *out.mutable_file_descriptor_response());
  // The file that was asked for comes first, as clients expect.
  auto& files = *out.mutable_file_descriptor_response()->mutable_file_descriptor_proto();
  std::reverse(files.begin(), files.end());
}

void answer_extension(const v1::ExtensionRequest& asked, v1::ServerReflectionResponse& out) {
  const Descriptor* type = pool().FindMessageTypeByName(asked.containing_type());
  const auto* extension =
      type == nullptr ? nullptr : pool().FindExtensionByNumber(type, asked.extension_number());
  answer_file(extension == nullptr ? nullptr : extension->file(), asked.containing_type(), out);
}

void answer_extension_numbers(const std::string& type_name, v1::ServerReflectionResponse& out) {
  const Descriptor* type = pool().FindMessageTypeByName(type_name);
  if (type == nullptr) return not_found(type_name, out);
  std::vector<const google::protobuf::FieldDescriptor*> extensions;
  pool().FindAllExtensions(type, &extensions);
  v1::ExtensionNumberResponse& numbers = *out.mutable_all_extension_numbers_response();
  numbers.set_base_type_name(type_name);
  for (const auto* extension : extensions) numbers.add_extension_number(extension->number());
}

void list_services(v1::ServerReflectionResponse& out) {
  for (const FileDescriptor* file : files_served()) {
    for (int i = 0; i < file->service_count(); ++i) {
      out.mutable_list_services_response()->add_service()->set_name(file->service(i)->full_name());
    }
  }
}

}  // namespace

void answer_reflection(const v1::ServerReflectionRequest& question,
                       v1::ServerReflectionResponse& out) {
  out.set_valid_host(question.host());
  *out.mutable_original_request() = question;
  using asked = v1::ServerReflectionRequest;
  switch (question.message_request_case()) {
    case asked::kFileByFilename:
      return answer_file(pool().FindFileByName(question.file_by_filename()),
                         question.file_by_filename(), out);
    case asked::kFileContainingSymbol:
      return answer_file(pool().FindFileContainingSymbol(question.file_containing_symbol()),
                         question.file_containing_symbol(), out);
    case asked::kFileContainingExtension:
      return answer_extension(question.file_containing_extension(), out);
    case asked::kAllExtensionNumbersOfType:
      return answer_extension_numbers(question.all_extension_numbers_of_type(), out);
    case asked::kListServices:
      return list_services(out);
    case asked::MESSAGE_REQUEST_NOT_SET:
      break;
  }
  fail(status_code::invalid_argument, "the question is missing", out);
}

bool is_served(std::string_view service) {
  const auto* found = pool().FindServiceByName(std::string(service));
  const auto& files = files_served();
  return found != nullptr && std::find(files.begin(), files.end(), found->file()) != files.end();
}

}  // namespace factord::protocol
