#include "tests/unit/storage/temp_directory.hpp"

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace factord::storage::testing {

temp_directory::temp_directory() {
  std::string name = (std::filesystem::temp_directory_path() / "factord_test_XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error{"no temporary directory"};
  path_ = name;
}

temp_directory::~temp_directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace factord::storage::testing
