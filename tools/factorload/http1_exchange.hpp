#pragma once

#include <string>
#include <vector>

#include "tools/factorload/exchange.hpp"
#include "tools/factorload/output_bytes.hpp"
#include "tools/factorload/request_format.hpp"

namespace factord::load {

/// JSON over HTTP/1.1, pipelined: answers come in the order of the requests.
class http1_exchange final : public exchange {
 public:
  /// At most `depth` requests are under way at a time. `format` must outlive it.
  http1_exchange(const request_format& format, std::size_t depth)
      : format_(format), depth_(depth), under_way_(depth) {}

  [[nodiscard]] std::size_t under_way() const noexcept override { return count_; }
  [[nodiscard]] bool has_room() const noexcept override { return count_ < depth_; }
  void ask(const request& what, time_point started) override;
  [[nodiscard]] std::string_view output() const noexcept override { return output_.rest(); }
  void sent(std::size_t bytes) noexcept override { output_.sent(bytes); }
  [[nodiscard]] std::span<char> input_space() override;
  [[nodiscard]] state received(std::size_t bytes, time_point now, tally& counts) override;
  void reset() override;

 private:
  struct question {
    operation what;
    time_point started;
  };

  void answer(int status, time_point now, tally& counts);

  const request_format& format_;
  std::size_t depth_;
  std::vector<question> under_way_;  ///< a ring: count_ of them from oldest_
  std::size_t oldest_ = 0;
  std::size_t count_ = 0;
  output_bytes output_;
  std::vector<char> input_;
  std::size_t input_size_ = 0;  ///< of input_, bytes that are in use
};

}  // namespace factord::load
