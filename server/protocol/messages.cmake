# The messages of requests, answers and errors, whatever the protocol.
add_library(factord_messages STATIC)
foreach(file
    zitadel/message zitadel/object/v2/object
    zitadel/user/v2/email zitadel/user/v2/user zitadel/user/v2/user_service
    factord/admin/v1/admin
    google/rpc/status grpc/health/v1/health
    grpc/reflection/v1/reflection grpc/reflection/v1alpha/reflection)
  factord_proto(factord_messages proto/${file}.proto ROOT proto)
endforeach()
target_link_libraries(factord_messages PUBLIC protobuf::libprotobuf)
