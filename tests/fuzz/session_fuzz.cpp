// Everything but the sockets: bytes go into a connection over the real service and the memory
// engine. Whatever they are, every call comes to its end, the store stays sound, and over HTTP/1.1
// the same bytes do and say the same however they are cut. The first byte: the bits of how to run
// it.

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "server/base/readiness.hpp"
#include "server/protocol/messages/proto_messages.hpp"
#include "storage/audit/verify.hpp"
#include "storage/base/check.hpp"
#include "tests/fuzz/input.hpp"
#include "tests/support/loopback_connection.hpp"
#include "tests/support/quiet_service.hpp"

namespace factord::protocol {
namespace {

using service::operation;

constexpr std::string_view interim = "HTTP/1.1 100 Continue\r\n\r\n";

/// One connection to one store, which holds a user with the factor, "u1", and a token that may do
/// all (its secret is that of random bytes which are all 7, so that inputs can hold it).
class server {
 public:
  explicit server(surface routes) {
    state_.advance(readiness::ready);
    service::call token(0);
    token.op = operation::create_token;
    token.in.user_id = "admin";
    token.in.roles.add(service::role::iam_owner);
    service_.order(token);
    service::call user(0);
    user.op = operation::add_human_user;
    user.in.user_id = "u1";
    user.in.org = "o";
    user.in.email = "a@b.ch";
    user.in.email_verified = true;
    service_.order(user);
    service::call factor(0);
    factor.op = operation::add_otp_email;
    factor.in.user_id = "u1";
    service_.order(factor);
    link_.emplace(environment_, buffers_, nullptr, routes, service::ticket{0, 1, 1});
    settled_ = true;
  }

  void feed(std::string_view bytes) {
    link_->arrive(bytes);
    for (bool moved = true; moved;) {
      link_->read_all();
      service_.run_queue();
      const std::vector<service::call*> answered = service_.take_delivered();
      for (service::call* done : answered) link_->complete(*done);
      moved = !answered.empty();
      if (moved) link_->answered();
      output_ += link_->take_sent();
    }
  }

  void end() {
    FACTORD_CHECK(calls_.in_use() == 0);
    link_->end_of_input();
    feed({});
    FACTORD_CHECK(calls_.in_use() == 0 && link_->shut());
    const auto report = storage::verify(store_, {});
    FACTORD_CHECK(report && report->problems.empty());
    for (auto at = output_.find(interim); at != output_.npos; at = output_.find(interim)) {
      output_.erase(at, interim.size());
    }
  }

  [[nodiscard]] const std::string& output() const { return output_; }
  [[nodiscard]] storage::digest log() const { return store_.durable_head().hash; }

 private:
  const limits bounds_;
  bool settled_ = false;
  unsigned char secrets_ = 7;
  const date_clock date_{timestamp{}};
  readiness_state state_;
  storage::memory_engine store_{"store"};
  quiet_service service_{store_, [this](std::span<unsigned char> out) {
                           std::ranges::fill(out, 7);
                           // No two tokens may have one secret or id: they would be one state.
                           if (settled_) out.front() = ++secrets_;
                         }};
  service::call_pool calls_{0};
  const api api_{{bounds_, state_, store_.mode(), {"https://o"}}};
  const session_environment environment_{bounds_, date_, api_, service_.users(), calls_};
  budget buffers_{bounds_.all_buffers_bytes};
  std::optional<factord::testing::loopback_connection> link_;
  std::string output_;
};

void run(server& with, std::string_view input, std::size_t longest_read) {
  fuzz::choices cut(input);
  while (!input.empty()) {
    const std::size_t size = std::min(input.size(), 1 + cut.below(longest_read));
    with.feed(input.substr(0, size));
    input.remove_prefix(size);
  }
  with.end();
}

void erase_between(std::string& text, std::string_view begin, std::string_view end) {
  for (auto at = text.find(begin); at != text.npos; at = text.find(begin, at)) {
    at += begin.size();
    text.erase(at, text.find(end, at) - at);
  }
}

/// Of requests that came together, stats counts what was answered meanwhile.
std::string without_counts(std::string output) {
  if (output.find("\"removalsAnswered\"") == output.npos) return output;
  for (const auto field : {"\"removalsAnswered\":", "\"removalEvents\":"}) {
    erase_between(output, field, ",");
  }
  erase_between(output, "\"answers\":", "}}");
  erase_between(output, "Content-Length: ", "\r\n");
  return output;
}

void check(std::string_view input) {
  fuzz::cursor in(input);
  const surface routes = in.byte() % 8 == 0 ? surface::admin : surface::api;
  const std::string_view bytes = in.rest();
  server whole(routes);
  if (!bytes.empty()) whole.feed(bytes);
  whole.end();
  server cut(routes);
  run(cut, bytes, 64);
  // HTTP/2 may drop a stream that was reset before it was read to the end.
  if (bytes.starts_with("PRI * HTTP/2.0")) return;
  // Of a bulk lines are begun as they come, so a fault behind them finds them done or not.
  if (bytes.find("_bulk_") != bytes.npos || bytes.find("/Bulk") != bytes.npos) return;
  FACTORD_CHECK(cut.log() == whole.log());
  FACTORD_CHECK(without_counts(cut.output()) == without_counts(whole.output()));
}

}  // namespace
}  // namespace factord::protocol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  factord::protocol::silence_protobuf_log();
  factord::protocol::check(factord::fuzz::as_text(data, size));
  return 0;
}
