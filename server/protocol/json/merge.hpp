#pragma once

#include <google/protobuf/message_lite.h>

#include <string_view>

namespace factord::protocol {

/// Sets the text field of that number, which is none of several. Its memory in the message is used
/// again, where reflection takes new one each time.
void merge_text(int field, std::string_view text, google::protobuf::MessageLite& out);

}  // namespace factord::protocol
