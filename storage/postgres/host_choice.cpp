#include "storage/postgres/host_choice.hpp"

#include <algorithm>
#include <utility>

namespace factord::storage {

host_choice::time host_choice::next_by(time now) {
  // As much is left for each of the others, and for what comes after them.
  const auto shares = alone_ ? 1 : static_cast<std::int64_t>(left_) + 1;
  const time share = now + (by_ - now) / shares;
  --left_;
  return std::min(share, now + connect_time_);
}

bool host_choice::takes(const std::string& host, std::uint32_t timeline) {
  if (timeline < oldest_) {
    refused(host,
            {errc::unavailable, "an old primary: its timeline is " + std::to_string(timeline) +
                                    ", and this process has seen " + std::to_string(oldest_) +
                                    " (a database that was moved on purpose needs a restart)"});
    return false;
  }
  if (taken_ && timeline <= *taken_) return false;
  taken_ = timeline;
  return true;
}

void host_choice::refused(const std::string& host, const error& why) {
  std::string told = host + ": " + why.message;
  // Of several, what is wrong with one that answers is worth more than that another does not.
  const errc code = failed_ && failed_->code != errc::unavailable ? failed_->code : why.code;
  failed_ = error{code, failed_ ? failed_->message + "; " + told : std::move(told)};
}

}  // namespace factord::storage
