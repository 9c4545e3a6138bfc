#include "storage/engine/kept_log.hpp"

#include "storage/base/check.hpp"
#include "storage/model/event_value.hpp"

namespace factord::storage {

void kept_log::append(std::string_view value) {
  const auto parts = split_event_value(size() + 1, value).value();
  records_ += parts.record;
  ends_.push_back(records_.size());
  hashes_.push_back(parts.hash);
}

std::string_view kept_log::record(std::uint64_t sequence) const {
  FACTORD_CHECK(sequence > 0 && sequence <= size());
  const std::size_t begin = sequence == 1 ? 0 : ends_[sequence - 2];
  return std::string_view{records_}.substr(begin, ends_[sequence - 1] - begin);
}

std::string kept_log::value(std::uint64_t sequence) const {
  const std::string_view bytes = record(sequence);
  std::string made{as_bytes(hashes_[sequence - 1])};
  return made += bytes;
}

kept_log::hashes kept_log::chained_from(const digest& first) const {
  hashes all;
  all.reserve(size());
  sha256 hash;
  digest last = first;
  for (std::uint64_t sequence = 1; sequence <= size(); ++sequence) {
    last = hash.link(last, sequence, record(sequence));
    all.push_back(last);
  }
  return all;
}

}  // namespace factord::storage
