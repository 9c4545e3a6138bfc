#include "server/protocol/http2/memory.hpp"

#include <malloc.h>

#include <cstdlib>

namespace factord::protocol::http2 {

// The allocator knows how large a block is, so none needs a header of ours.
struct counted_memory::hooks {
  static std::size_t& bytes(void* of) { return static_cast<counted_memory*>(of)->bytes_; }

  static void* counted(void* block, void* of) {
    bytes(of) += ::malloc_usable_size(block);
    return block;
  }

  static void* allocate(std::size_t size, void* of) { return counted(std::malloc(size), of); }

  static void* allocate_zeros(std::size_t count, std::size_t size, void* of) {
    return counted(std::calloc(count, size), of);
  }

  static void* reallocate(void* block, std::size_t size, void* of) {
    const std::size_t before = ::malloc_usable_size(block);
    void* const moved = std::realloc(block, size);
    if (moved == nullptr) return nullptr;  // the old block is still there
    bytes(of) -= before;
    return counted(moved, of);
  }

  static void release(void* block, void* of) {
    bytes(of) -= ::malloc_usable_size(block);
    std::free(block);
  }
};

nghttp2_mem counted_memory::functions() noexcept {
  return {this, hooks::allocate, hooks::release, hooks::allocate_zeros, hooks::reallocate};
}

}  // namespace factord::protocol::http2
