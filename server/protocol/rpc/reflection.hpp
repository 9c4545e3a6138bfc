#pragma once

#include "server/protocol/proto/grpc/reflection/v1/reflection.pb.h"

namespace factord::protocol {

/// Answers one question of gRPC's server reflection about the services and messages of this
/// program. Version 1 and v1alpha are the same bytes. A file comes with all that it imports, so
/// that no answer depends on an earlier one.
void answer_reflection(const grpc::reflection::v1::ServerReflectionRequest& question,
                       grpc::reflection::v1::ServerReflectionResponse& out);

/// True for the full name of a service that is served here.
[[nodiscard]] bool is_served(std::string_view service);

}  // namespace factord::protocol
