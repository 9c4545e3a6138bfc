#include "server/protocol/json/merge.hpp"

#include <cstdint>
#include <string>

#include "storage/base/check.hpp"

namespace factord::protocol {
namespace {

constexpr std::uint64_t length_delimited = 2;

void append_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7U) out += static_cast<char>(value | 0x80U);
  out += static_cast<char>(value);
}

}  // namespace

// As the wire format has it, which is merged in place.
void merge_text(int field, std::string_view text, google::protobuf::MessageLite& out) {
  thread_local std::string wire;
  wire.clear();
  append_varint(wire, static_cast<std::uint64_t>(field) << 3U | length_delimited);
  append_varint(wire, text.size());
  wire += text;
  FACTORD_CHECK(out.MergeFromString(wire));
}

}  // namespace factord::protocol
