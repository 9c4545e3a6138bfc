#include "tests/unit/allocations/counting_malloc.hpp"

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <utility>

namespace {

thread_local std::uint64_t counted = 0;
// Of `counted`: the one that fails. 0: none.
thread_local std::uint64_t failing = 0;

bool fails() noexcept {
  if (++counted != failing) return false;
  failing = 0;
  errno = ENOMEM;
  return true;
}

}  // namespace

std::uint64_t factord::allocations() noexcept { return counted; }

void factord::fail_allocation(std::uint64_t n) noexcept { failing = counted + n + 1; }

bool factord::fail_no_allocation() noexcept { return std::exchange(failing, 0) != 0; }

// What glibc calls its own. Memory comes from there, so free() needs no replacement. Operator new
// and all shared libraries end in these.
extern "C" {

void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* memory, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void* malloc(std::size_t size) noexcept { return fails() ? nullptr : __libc_malloc(size); }

void* calloc(std::size_t count, std::size_t size) noexcept {
  return fails() ? nullptr : __libc_calloc(count, size);
}

void* realloc(void* memory, std::size_t size) noexcept {
  return fails() ? nullptr : __libc_realloc(memory, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  return fails() ? nullptr : __libc_memalign(alignment, size);
}
}
