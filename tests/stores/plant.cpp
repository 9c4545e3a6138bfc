// plant DIR NAME [VALUE]: what a later version may have left in a stopped store, for
// tests/e2e/test_stores.py. Puts VALUE under meta NAME; without one prints what is there.
#include <exception>
#include <filesystem>
#include <iostream>
#include <span>
#include <string>

#include "storage/model/keys.hpp"
#include "tests/unit/storage/rocksdb/raw_store.hpp"

int main(int argc, char** argv) {
  using namespace factord::storage;
  const std::span<char*> arguments(argv, static_cast<std::size_t>(argc));
  if (arguments.size() < 3) return 2;
  const std::filesystem::path files = std::filesystem::path{arguments[1]} / "store";
  if (!std::filesystem::exists(files / "CURRENT")) return 2;
  try {
    testing::raw_store store{files};
    std::string key;
    set_meta_key(key, arguments[2]);
    if (arguments.size() > 3) {
      store.put(testing::raw_store::states, key, arguments[3]);
    } else {
      std::cout << store.get(testing::raw_store::states, key);
    }
    return 0;
  } catch (const std::exception& failure) {
    std::cerr << failure.what() << '\n';
    return 1;
  }
}
