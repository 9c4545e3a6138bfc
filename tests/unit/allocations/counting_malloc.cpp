#include "tests/unit/allocations/counting_malloc.hpp"

#include <cstddef>
#include <cstdlib>

namespace {

thread_local std::uint64_t counted = 0;

}  // namespace

std::uint64_t factord::allocations() noexcept { return counted; }

// What glibc calls its own. Memory comes from there, so free() needs no replacement. Operator new
// and all shared libraries end in these.
extern "C" {

void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) noexcept {
  ++counted;
  return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) noexcept {
  ++counted;
  return __libc_calloc(count, size);
}

void* realloc(void* memory, std::size_t size) noexcept {
  ++counted;
  return __libc_realloc(memory, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  ++counted;
  return __libc_memalign(alignment, size);
}
}
