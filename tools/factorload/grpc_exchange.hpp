#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "storage/base/id_range.hpp"
#include "tools/factorload/exchange.hpp"
#include "tools/factorload/output_bytes.hpp"

struct nghttp2_session;

namespace factord::load {

/// What all requests of gRPC have in common.
struct grpc_format {
  std::string scheme;
  std::string authority;
  std::string authorization;  ///< the whole value of the header
  id_range ids;
};

/// gRPC over HTTP/2 by prior knowledge, on nghttp2: each request is a stream of one connection.
class grpc_exchange final : public exchange {
 public:
  /// At most `depth` streams are open at a time. `format` must outlive it.
  grpc_exchange(const grpc_format& format, std::size_t depth);
  ~grpc_exchange() override;
  grpc_exchange(const grpc_exchange&) = delete;
  grpc_exchange& operator=(const grpc_exchange&) = delete;

  [[nodiscard]] std::size_t under_way() const noexcept override {
    return calls_.size() - free_.size();
  }
  [[nodiscard]] bool has_room() const noexcept override { return !free_.empty() && !going_away_; }
  void ask(const request& what, time_point started) override;
  [[nodiscard]] std::string_view output() const noexcept override { return output_.rest(); }
  void sent(std::size_t bytes) noexcept override { output_.sent(bytes); }
  [[nodiscard]] std::span<char> input_space() override { return input_; }
  [[nodiscard]] state received(std::size_t bytes, time_point now, tally& counts) override;
  void reset() override;

 private:
  struct call {
    operation what;
    time_point started;
    std::string body;
    std::size_t body_sent = 0;
    int http_status = 0;
    int grpc_status = -1;  ///< none yet
  };
  struct callbacks;

  void write_output();
  void end(call& done, std::uint32_t error_code);

  const grpc_format& format_;
  std::vector<call> calls_;  ///< never moves: a stream points to its own
  std::vector<call*> free_;
  std::unique_ptr<nghttp2_session, void (*)(nghttp2_session*)> session_;
  output_bytes output_;
  std::array<char, 16U << 10U> input_;
  bool going_away_ = false;

  // Of the received() that is on.
  time_point now_;
  tally* counts_ = nullptr;
  bool malformed_ = false;
};

}  // namespace factord::load
