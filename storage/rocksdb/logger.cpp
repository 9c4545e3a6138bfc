#include "storage/rocksdb/logger.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include "storage/base/held_directory.hpp"

namespace factord::storage {

namespace {

/// Two of its counters at work, which it warns of: a backup keeps files from being deleted, and
/// within it a checkpoint does so too. The beginnings of the formats, behind the place in its code.
constexpr std::array<std::string_view, 2> no_warnings{
    "File Deletions Disabled, but already disabled. Counter:",
    "File Deletions Enable, but not really enabled. Counter:",
};

bool is_no_warning(std::string_view format) {
  return std::ranges::any_of(
      no_warnings, [format](std::string_view one) { return format.find(one) != format.npos; });
}

}  // namespace

notice_logger::notice_logger(notice_sink notice)
    : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL), notice_(std::move(notice)) {}

void notice_logger::Logv(rocksdb::InfoLogLevel level, const char* format, std::va_list arguments) {
  if (level < rocksdb::InfoLogLevel::WARN_LEVEL || level == rocksdb::InfoLogLevel::HEADER_LEVEL)
    return;
  if (level == rocksdb::InfoLogLevel::WARN_LEVEL && is_no_warning(format)) return;
  std::array<char, 1024> text;  // longer notices are cut: a log line needs no more
  const int size = std::vsnprintf(text.data(), text.size(), format, arguments);
  if (size < 0) return;
  const auto length = std::min<std::size_t>(static_cast<std::size_t>(size), text.size() - 1);
  const std::lock_guard lock{mutex_};
  if (notice_) notice_(with_paths(std::string{text.data(), length}));
}

// The header lists every option at each start; nobody reads it.
void notice_logger::LogHeader(const char*, std::va_list) {}

void notice_logger::mute() {
  const std::lock_guard lock{mutex_};
  notice_ = nullptr;
}

}  // namespace factord::storage
