#include "storage/base/check.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace factord {

namespace {

// File names and conditions are our own source text: only quotes and backslashes need care.
void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
}

}  // namespace

void check_failed(const char* condition, const char* file, int number) noexcept {
  std::string line = R"({"level":"critical","msg":"check failed","condition":")";
  append_escaped(line, condition);
  line += R"(","where":")";
  append_escaped(line, file);
  line += ':' + std::to_string(number);
  line += "\"}\n";
  // One write, so that the line stays whole between those of other threads.
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::fflush(stderr);
  std::abort();
}

}  // namespace factord
