#include "server/protocol/json/message.hpp"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "server/protocol/json/cursor.hpp"
#include "server/protocol/json/merge.hpp"
#include "server/protocol/json/number.hpp"
#include "storage/base/ascii.hpp"
#include "storage/base/check.hpp"

namespace factord::protocol {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using kind = json_cursor::kind;

// Where a value stands, for people: email.isVerified, authFactors[1].
struct place {
  const place* above;  // null for what stands in the body itself
  const FieldDescriptor* field;
  int index = -1;  // in an array
};

std::string path(const place* at) {
  if (at == nullptr) return "the body";
  std::string text = at->above == nullptr ? std::string() : path(at->above) + ".";
  text += at->field->json_name();
  if (at->index >= 0) text += "[" + std::to_string(at->index) + "]";
  return text;
}

const FieldDescriptor* find_field(const Descriptor& type, const std::string& name) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor* field = type.field(i);
    if (field->json_name() == name || field->name() == name) return field;
  }
  return nullptr;
}

std::string names_of(const EnumDescriptor& type) {
  std::string text;
  for (int i = 0; i < type.value_count(); ++i) {
    text.append(i == 0 ? "" : ", ").append(type.value(i)->name());
  }
  return text;
}

std::string names_of(const google::protobuf::OneofDescriptor& choice) {
  std::string text;
  for (int i = 0; i < choice.field_count(); ++i) {
    text.append(i == 0 ? "" : ", ").append(choice.field(i)->json_name());
  }
  return text;
}

// An integer in quotes is written as one without them, but never with a fraction or an exponent.
bool is_plain_integer(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && (text.size() == 1 || text.front() != '0') &&
         std::ranges::all_of(text, is_digit);
}

// The text of a name or a value: one reader at a time has it.
thread_local std::string scratch;

class reader {
 public:
  explicit reader(std::string_view text) : in_(text), text_(scratch) {}

  std::string read(Message& out) {
    if (read_object(out, nullptr)) (void)in_.end();
    if (!in_.failed()) return {};
    std::string text = "invalid JSON: ";
    if (!where_.empty()) text.append(where_).append(told_ ? " " : ": ");
    text.append(in_.fault()).append(", at byte ").append(std::to_string(in_.fault_offset()));
    return text;
  }

 private:
  bool read_object(Message& out, const place* at);
  bool read_field(Message& out, const FieldDescriptor& field, const place& at);
  bool read_elements(Message& out, const FieldDescriptor& field, place at);
  bool read_value(Message& out, const FieldDescriptor& field, const place& at);
  bool read_text(Message& out, const FieldDescriptor& field, const place& at);
  bool read_flag(Message& out, const FieldDescriptor& field, const place& at);
  bool read_enum(Message& out, const FieldDescriptor& field, const place& at);
  bool read_message(Message& out, const FieldDescriptor& field, const place& at);
  template <class Integer, class Set, class Add>
  bool read_integer(Message& out, const FieldDescriptor& field, const place& at, Set set, Add add);

  /// Says that what stands here is not what belongs here, unless nothing stands here at all.
  bool fail(const place* at, std::string_view what) {
    return in_.peek() == kind::none ? in_.skip() : fail(at, what, in_.offset());
  }
  bool fail(const place* at, std::string_view what, std::size_t offset) {
    told_ = true;
    where_ = path(at);
    return in_.fail(what, offset);
  }
  /// A value was not read to its end: says where it stands, unless something within it has.
  bool broken(const place& at) {
    if (where_.empty()) where_ = path(&at);
    return false;
  }

  json_cursor in_;
  std::string where_;  ///< the fault; empty: in the body itself
  bool told_ = false;  ///< and what is wrong is a sentence about that
  std::string& text_;  ///< scratch
};

// Sets a field, or adds to it.
template <class Value, class Set, class Add>
void store(Message& out, const FieldDescriptor& field, Value value, Set set, Add add) {
  const Reflection& fields = *out.GetReflection();
  if (field.is_repeated()) {
    (fields.*add)(&out, &field, std::move(value));
  } else {
    (fields.*set)(&out, &field, std::move(value));
  }
}

bool reader::read_object(Message& out, const place* at) {
  if (in_.peek() != kind::object) return fail(at, "must be an object");
  const Descriptor& type = *out.GetDescriptor();
  FACTORD_CHECK(type.field_count() <= 64);
  std::uint64_t seen = 0;
  std::set<std::string> ignored;
  if (!in_.enter()) return false;
  while (in_.more()) {
    const std::size_t begin = in_.offset();
    if (!in_.name(text_)) return false;
    const FieldDescriptor* field = find_field(type, text_);
    if (field == nullptr) {
      if (!ignored.insert(text_).second) return in_.fail("a member is there twice", begin);
      if (!in_.skip()) return false;
      continue;
    }
    const place here{at, field};
    const std::uint64_t bit = std::uint64_t{1} << static_cast<unsigned>(field->index());
    if ((seen & bit) != 0) return fail(&here, "is there twice", begin);
    seen |= bit;
    if (!read_field(out, *field, here)) return broken(here);
  }
  return !in_.failed();
}

bool reader::read_field(Message& out, const FieldDescriptor& field, const place& at) {
  if (in_.peek() == kind::null) return in_.null();
  if (field.is_repeated()) return read_elements(out, field, at);
  const auto* choice = field.real_containing_oneof();
  if (choice != nullptr && out.GetReflection()->HasOneof(out, choice)) {
    return fail(&at, "must be left out: only one of " + names_of(*choice) + " may be set");
  }
  return read_value(out, field, at);
}

bool reader::read_elements(Message& out, const FieldDescriptor& field, place at) {
  if (in_.peek() != kind::array) return fail(&at, "must be an array");
  if (!in_.enter()) return false;
  for (at.index = 0; in_.more(); ++at.index) {
    if (!read_value(out, field, at)) return broken(at);
  }
  return !in_.failed();
}

bool reader::read_value(Message& out, const FieldDescriptor& field, const place& at) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return read_text(out, field, at);
    case FieldDescriptor::CPPTYPE_BOOL:
      return read_flag(out, field, at);
    case FieldDescriptor::CPPTYPE_ENUM:
      return read_enum(out, field, at);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return read_message(out, field, at);
    case FieldDescriptor::CPPTYPE_INT32:
      return read_integer<std::int32_t>(out, field, at, &Reflection::SetInt32,
                                        &Reflection::AddInt32);
    case FieldDescriptor::CPPTYPE_INT64:
      return read_integer<std::int64_t>(out, field, at, &Reflection::SetInt64,
                                        &Reflection::AddInt64);
    case FieldDescriptor::CPPTYPE_UINT32:
      return read_integer<std::uint32_t>(out, field, at, &Reflection::SetUInt32,
                                         &Reflection::AddUInt32);
    case FieldDescriptor::CPPTYPE_UINT64:
      return read_integer<std::uint64_t>(out, field, at, &Reflection::SetUInt64,
                                         &Reflection::AddUInt64);
    default:
      return fail(&at, "has a type that requests do not have");
  }
}

bool reader::read_text(Message& out, const FieldDescriptor& field, const place& at) {
  FACTORD_CHECK(field.type() == FieldDescriptor::TYPE_STRING);
  if (in_.peek() != kind::string) return fail(&at, "must be a string");
  if (!in_.string(text_)) return false;
  if (field.is_repeated()) {
    out.GetReflection()->AddString(&out, &field, text_);
  } else {
    merge_text(field.number(), text_, out);
  }
  return true;
}

bool reader::read_flag(Message& out, const FieldDescriptor& field, const place& at) {
  bool value = false;
  if (in_.peek() != kind::boolean) return fail(&at, "must be true or false");
  if (!in_.boolean(value)) return false;
  store(out, field, value, &Reflection::SetBool, &Reflection::AddBool);
  return true;
}

bool reader::read_enum(Message& out, const FieldDescriptor& field, const place& at) {
  const auto refuse = [&](std::size_t begin) {
    return fail(&at, "must be one of " + names_of(*field.enum_type()) + ", or a number", begin);
  };
  const auto set = [&](int value) {
    store(out, field, value, &Reflection::SetEnumValue, &Reflection::AddEnumValue);
    return true;
  };
  const kind found = in_.peek();
  const std::size_t begin = in_.offset();
  if (found == kind::number) {
    std::string_view digits;
    if (!in_.number(digits)) return false;
    const auto value = to_integer<std::int32_t>(digits);
    return value ? set(*value) : refuse(begin);
  }
  if (found == kind::none) return in_.skip();
  if (found != kind::string) return refuse(begin);
  if (!in_.string(text_)) return false;
  const auto* value = field.enum_type()->FindValueByName(text_);
  return value != nullptr ? set(value->number()) : refuse(begin);
}

bool reader::read_message(Message& out, const FieldDescriptor& field, const place& at) {
  const Reflection& fields = *out.GetReflection();
  Message* inner =
      field.is_repeated() ? fields.AddMessage(&out, &field) : fields.MutableMessage(&out, &field);
  return read_object(*inner, &at);
}

template <class Integer, class Set, class Add>
bool reader::read_integer(Message& out, const FieldDescriptor& field, const place& at, Set set,
                          Add add) {
  std::optional<Integer> value;
  const kind found = in_.peek();
  const std::size_t begin = in_.offset();
  if (found == kind::none) return in_.skip();
  if (found == kind::number) {
    std::string_view digits;
    if (!in_.number(digits)) return false;
    value = to_integer<Integer>(digits);
  } else if (found == kind::string) {
    if (!in_.string(text_)) return false;
    if (is_plain_integer(text_)) value = to_integer<Integer>(text_);
  }
  if (!value) {
    using limits = std::numeric_limits<Integer>;
    return fail(&at,
                "must be a whole number from " + std::to_string(limits::min()) + " to " +
                    std::to_string(limits::max()),
                begin);
  }
  store(out, field, *value, set, add);
  return true;
}

}  // namespace

std::string read_json_message(std::string_view text, Message& out) {
  if (text.empty()) return {};
  return reader(text).read(out);
}

}  // namespace factord::protocol
