#include "storage/base/shortage.hpp"

#include <sys/mman.h>

#include <new>
#include <system_error>

namespace factord {

bool has_memory(std::size_t bytes) noexcept {
  void* const got =
      ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (got == MAP_FAILED) return false;
  ::munmap(got, bytes);
  return true;
}

result<void> check_memory(std::size_t bytes) {
  if (has_memory(bytes)) return {};
  return error{errc::unavailable,
               "out of memory: " + std::to_string(bytes >> 20U) + " MiB are not to be had"};
}

std::string cause_of(const std::exception& failure) {
  if (dynamic_cast<const std::bad_alloc*>(&failure) != nullptr) return "out of memory";
  // "Resource temporarily unavailable" does not say of what. Only threads throw that.
  const auto* system = dynamic_cast<const std::system_error*>(&failure);
  const bool thread =
      system != nullptr && system->code() == std::errc::resource_unavailable_try_again;
  return std::string{thread ? "a thread cannot be started: " : ""} + failure.what();
}

}  // namespace factord
