#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace factord::protocol {

/// Reads a JSON object as protobuf's JSON mapping has it: a field under its camelCase or snake_case
/// name, null the same as absent. A field of the wrong type is an error that names its path; only
/// the first one is kept.
class json_object {
 public:
  /// `path` stands before the names in errors, e.g. "profile."; `error` is shared by the objects of
  /// one body. Both outlive this.
  json_object(const boost::json::object& fields, std::string_view path, std::string& error)
      : fields_(fields), path_(path), error_(error) {}

  /// Null where the field is absent.
  [[nodiscard]] const boost::json::value* find(std::string_view camel_name) const;
  [[nodiscard]] const boost::json::string* text(std::string_view camel_name) const;
  [[nodiscard]] const boost::json::object* object(std::string_view camel_name) const;
  [[nodiscard]] const boost::json::array* array(std::string_view camel_name) const;
  [[nodiscard]] std::optional<bool> boolean(std::string_view camel_name) const;

  /// Shared by the objects of one body.
  [[nodiscard]] std::string& error() const noexcept { return error_; }

  /// Keeps an error about a field, unless there is one already.
  void reject(std::string_view camel_name, std::string_view what) const;

 private:
  const boost::json::object& fields_;
  std::string_view path_;
  std::string& error_;
};

}  // namespace factord::protocol
