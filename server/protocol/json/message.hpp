#pragma once

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

namespace factord::protocol {

/// Reads JSON into a message that is clear, as protobuf's JSON mapping has it and strictly, driven
/// by the message's descriptor. The only reader of JSON from outside: whatever protocol a body came
/// by, it has the same verdict (API.md, section 3).
///
/// - A member is found by the field's camelCase or snake_case name; both at once, or any name
///   twice, is a fault. null is the same as absent, but no element of an array. Names that no field
///   has are ignored with their values.
/// - Integers are numbers, or strings of digits; they have no fraction (1e2 has none) and are
///   within the field's range. Enums are one of their names, or a number. Of a oneof, one field is
///   set.
/// - At most json_depth_max objects and arrays stand inside each other. An empty text is `{}`.
///
/// Fields are strings, booleans, integers, enums and messages, singly or repeated; that no request
/// has others is tested.
///
/// Empty where all went well; else what is wrong, for people, with the path of the innermost field
/// that holds the fault, where one does, and the offset in bytes. Then `out` holds what was read
/// before.
[[nodiscard]] std::string read_json_message(std::string_view text, google::protobuf::Message& out);

}  // namespace factord::protocol
