#include "server/protocol/json_object.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

namespace factord::protocol {
namespace {

std::string to_snake_case(std::string_view camel_name) {
  std::string snake;
  for (const char c : camel_name) {
    if (c >= 'A' && c <= 'Z') {
      snake.push_back('_');
      snake.push_back(static_cast<char>(c - 'A' + 'a'));
    } else {
      snake.push_back(c);
    }
  }
  return snake;
}

}  // namespace

const boost::json::value* json_object::find(std::string_view camel_name) const {
  const boost::json::value* found = fields_.if_contains({camel_name.data(), camel_name.size()});
  if (found == nullptr) found = fields_.if_contains(to_snake_case(camel_name));
  return found == nullptr || found->is_null() ? nullptr : found;
}

const boost::json::string* json_object::text(std::string_view camel_name) const {
  const boost::json::value* found = find(camel_name);
  if (found == nullptr) return nullptr;
  if (!found->is_string()) reject(camel_name, "must be a string");
  return found->if_string();
}

const boost::json::object* json_object::object(std::string_view camel_name) const {
  const boost::json::value* found = find(camel_name);
  if (found == nullptr) return nullptr;
  if (!found->is_object()) reject(camel_name, "must be an object");
  return found->if_object();
}

const boost::json::array* json_object::array(std::string_view camel_name) const {
  const boost::json::value* found = find(camel_name);
  if (found == nullptr) return nullptr;
  if (!found->is_array()) reject(camel_name, "must be an array");
  return found->if_array();
}

std::optional<bool> json_object::boolean(std::string_view camel_name) const {
  const boost::json::value* found = find(camel_name);
  if (found == nullptr) return std::nullopt;
  if (!found->is_bool()) {
    reject(camel_name, "must be true or false");
    return std::nullopt;
  }
  return found->get_bool();
}

void json_object::reject(std::string_view camel_name, std::string_view what) const {
  if (!error_.empty()) return;
  error_ = "invalid JSON: ";
  error_ += path_;
  error_ += camel_name;
  error_ += ' ';
  error_ += what;
}

}  // namespace factord::protocol
