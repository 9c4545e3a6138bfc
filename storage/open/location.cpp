#include "storage/open/location.hpp"

#include <utility>

#include "storage/base/check.hpp"

namespace factord::storage {

store_location store_location::in_directory(std::filesystem::path dir) {
  store_location made;
  made.directory_ = std::move(dir);
  return made;
}

result<store_location> store_location::in_database(const std::string& url) {
  auto parsed = postgres_location::parse(url);
  if (!parsed) return parsed.error();
  store_location made;
  made.database_ = *std::move(parsed);
  return made;
}

result<store_location> store_location::parse(const std::string& text) {
  if (postgres_location::is_one(text)) return in_database(text);
  if (text.empty()) return error{errc::bad_argument, "a directory or a URL is needed"};
  return in_directory(text);
}

const postgres_location& store_location::database() const {
  FACTORD_CHECK(database_.has_value());
  return *database_;
}

std::string store_location::shown() const {
  return database_ ? database_->shown() : directory_.string();
}

bool may_hold_password(std::string_view said) noexcept {
  const auto has = [said](std::string_view part) {
    return said.find(part) != std::string_view::npos;
  };
  return has("://") && (has("@") || has("pass") || has("postg"));
}

}  // namespace factord::storage
