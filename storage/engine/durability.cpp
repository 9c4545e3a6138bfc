#include "storage/engine/durability.hpp"

namespace factord::storage {

std::string_view name(durability mode) noexcept {
  switch (mode) {
    case durability::disk:
      return "disk";
    case durability::process:
      return "process";
    case durability::memory:
      return "memory";
  }
  return {};
}

}  // namespace factord::storage
