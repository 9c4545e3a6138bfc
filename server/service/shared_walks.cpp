#include "server/service/shared_walks.hpp"

#include <optional>
#include <string_view>
#include <utility>

#include "storage/base/check.hpp"

namespace factord::service {
namespace {

void add(std::string& key, std::uint64_t number) {
  key.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void add(std::string& key, std::string_view text) {
  add(key, text.size());
  key.append(text);
}

void add(std::string& key, const std::vector<std::string>& texts) {
  add(key, texts.size());
  for (const std::string& text : texts) add(key, text);
}

void add(std::string& key, const std::optional<timestamp>& time) {
  add(key, std::uint64_t{time.has_value()});
  if (time) add(key, static_cast<std::uint64_t>(to_micros(*time)));
}

// Equal where all is that a walk, and who waits for more, goes by.
std::string key_of(const call_input& asked, std::uint64_t entered) {
  std::string key;
  add(key, entered);
  add(key, asked.after);
  add(key, asked.limit);
  add(key, asked.of_store);
  add(key, asked.user_id);
  add(key, asked.filter.types);
  add(key, asked.filter.creators);
  add(key, asked.filter.orgs);
  add(key, asked.filter.from);
  add(key, asked.filter.to);
  return key;
}

}  // namespace

bool shared_walks::join(call& pending, std::uint64_t entered, const continuation& then) {
  const auto [at, first] = under_way_.try_emplace(key_of(pending.in, entered));
  if (first) return false;
  at->second.push_back({&pending, then});
  return true;
}

std::vector<shared_walks::companion> shared_walks::take(const call& walked, std::uint64_t entered) {
  auto ended = under_way_.extract(key_of(walked.in, entered));
  FACTORD_CHECK(!ended.empty());
  return std::move(ended.mapped());
}

}  // namespace factord::service
