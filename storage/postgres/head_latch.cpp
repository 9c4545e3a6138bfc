#include "storage/postgres/head_latch.hpp"

#include <utility>

#include "storage/base/canary.hpp"

namespace factord::storage {

namespace {

std::string lost(const head_latch::point& expected, const std::string& found) {
  return "the database has lost events that were answered: this process has seen event " +
         std::to_string(expected.sequence) + " with hash " + to_hex(expected.hash) + ", and " +
         found;
}

}  // namespace

head_latch::point head_latch::newest() const {
  const std::lock_guard lock{mutex_};
  return newest_;
}

result<void> head_latch::see(const log_head& head, const point& expected) {
  if (planted(canary::no_head_latch)) return {};
  if (head.sequence < expected.sequence) {
    return fence(lost(expected, "its log now ends with event " + std::to_string(head.sequence)));
  }
  if (head.sequence == expected.sequence && head.sequence > 0 && head.hash != expected.hash) {
    return fence(lost(expected, "there it now has the hash " + to_hex(head.hash)));
  }
  // By which it is known that a token was revoked.
  if (head.token_epoch < expected.token_epoch) {
    return fence("the database has lost what was answered: the epoch of its tokens is " +
                 std::to_string(head.token_epoch) + " now, and was " +
                 std::to_string(expected.token_epoch));
  }
  const std::lock_guard lock{mutex_};
  if (fenced_) return *fenced_;
  if (head.sequence > newest_.sequence) newest_ = {head.sequence, head.hash, head.token_epoch};
  return {};
}

result<void> head_latch::see_event(const point& expected, std::optional<std::string_view> hash) {
  if (!hash) return fence(lost(expected, "its log now has no event there"));
  if (*hash != as_bytes(expected.hash)) return fence(lost(expected, "there it now has another"));
  return {};
}

error head_latch::fence(std::string why) {
  const std::lock_guard lock{mutex_};
  if (!fenced_) {
    fenced_ = error{errc::storage_failed, std::move(why)};
    if (tell_) tell_(*fenced_);
  }
  return *fenced_;
}

std::optional<error> head_latch::fenced() const {
  const std::lock_guard lock{mutex_};
  return fenced_;
}

void head_latch::on_fenced(std::function<void(const error& failure)> tell) {
  const std::lock_guard lock{mutex_};
  tell_ = std::move(tell);
  if (fenced_ && tell_) tell_(*fenced_);
}

}  // namespace factord::storage
