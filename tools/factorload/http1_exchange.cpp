#include "tools/factorload/http1_exchange.hpp"

#include <cstring>

#include "storage/base/check.hpp"
#include "tools/factorload/response_parser.hpp"

namespace factord::load {
namespace {

// Enough for the answers to a pipeline of usual depth in one read; grows where one answer needs
// more.
constexpr std::size_t input_bytes = 16U << 10U;

}  // namespace

void http1_exchange::ask(const request& what, time_point started) {
  FACTORD_CHECK(has_room());
  under_way_[(oldest_ + count_) % depth_] = {what.what, started};
  ++count_;
  format_.append(output_.end(), what);
}

std::span<char> http1_exchange::input_space() {
  if (input_size_ == input_.size()) input_.resize(input_.empty() ? input_bytes : 2 * input_.size());
  return std::span{input_}.subspan(input_size_);
}

http1_exchange::state http1_exchange::received(std::size_t bytes, time_point now, tally& counts) {
  input_size_ += bytes;
  FACTORD_CHECK(input_size_ <= input_.size());
  std::string_view rest{input_.data(), input_size_};
  while (!rest.empty()) {
    const parsed_response response = parse_response(rest);
    if (response.state == parse_state::need_more) break;
    // An answer that nobody asked for is as bad as one that cannot be read.
    if (response.state == parse_state::malformed || count_ == 0) return state::malformed;
    answer(response.status, now, counts);
    rest.remove_prefix(response.length);
    if (response.closes) return state::closing;
  }
  std::memmove(input_.data(), rest.data(), rest.size());
  input_size_ = rest.size();
  return state::open;
}

void http1_exchange::answer(int status, time_point now, tally& counts) {
  const question& asked = under_way_[oldest_];
  counts.answered(asked.what, status, now - asked.started);
  oldest_ = (oldest_ + 1) % depth_;
  --count_;
}

void http1_exchange::reset() {
  oldest_ = 0;
  count_ = 0;
  output_.clear();
  input_size_ = 0;
}

}  // namespace factord::load
