#include "storage/engine.hpp"

namespace factord::storage {

std::string_view name(durability mode) noexcept {
  return mode == durability::disk ? "disk" : "process";
}

}  // namespace factord::storage
