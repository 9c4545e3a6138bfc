#include "server/jwt/key_keeper.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "server/jwt/cache_control.hpp"
#include "server/jwt/key_set.hpp"

namespace factord::jwt {
namespace {

std::chrono::seconds retry_after(unsigned failures) {
  constexpr unsigned most_doublings = 6;
  const unsigned doublings = std::min(failures - 1, most_doublings);
  return std::min(key_keeper::retry_last, key_keeper::retry_first * (1U << doublings));
}

std::chrono::seconds refresh_after(std::string_view cache_control) {
  const auto said = max_age(cache_control);
  if (!said) return key_keeper::refresh_usual;
  return std::clamp<std::chrono::seconds>(*said, key_keeper::refresh_min, key_keeper::refresh_max);
}

}  // namespace

bool key_keeper::take_due(time_point now) {
  missed_ = (keys_.take_missed() || missed_) && !is_file_;
  const bool looks = missed_ && now >= next_for_missed_;
  if (now < next_ && !looks) return false;
  // Whatever it is asked for, what was missed is looked for by it.
  if (std::exchange(missed_, false)) next_for_missed_ = now + between_misses;
  return true;
}

result<key_keeper::news> key_keeper::answered(std::string_view json, std::string_view cache_control,
                                              time_point now) {
  auto read = parse_key_set(json);
  if (!read) {
    failed(now);
    return read.error();
  }
  failures_ = 0;
  next_ = is_file_ ? time_point::max() : now + refresh_after(cache_control);
  good_until_ = is_file_ ? time_point::max() : now + good_for;
  const auto fresh = std::make_shared<const key_set>(*std::move(read));
  const auto before = keys_.current();
  if (before == nullptr) {
    keys_.use(fresh, false);
  } else if (const bool voids = !fresh->has_all_of(*before);
             voids || fresh->size() != before->size()) {
    keys_.use(fresh, voids);
  } else {
    (void)keys_.take_missed();
    return news::same;
  }
  // What these lack will be missed again.
  (void)keys_.take_missed();
  return before == nullptr ? news::first : news::changed;
}

void key_keeper::failed(time_point now) noexcept {
  ++failures_;
  next_ = is_file_ ? time_point::max() : now + retry_after(failures_);
}

bool key_keeper::withdraw_old(time_point now) {
  if (now < good_until_) return false;
  good_until_ = time_point::max();
  keys_.use(nullptr, true);
  return true;
}

}  // namespace factord::jwt
