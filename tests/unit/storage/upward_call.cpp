#include "storage/engine/memory_engine.hpp"

// What no part of storage/model may do: the header is found, for all of them are, but what stands
// below the engine has nothing to link this with.
int main() { const factord::storage::memory_engine above("a store"); }
