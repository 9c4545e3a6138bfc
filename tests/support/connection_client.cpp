#include "tests/support/connection_client.hpp"

#include <charconv>
#include <utility>

namespace factord::testing {
namespace {

using namespace std::string_view_literals;

std::string_view protocols(bool http2) { return http2 ? "\x02h2"sv : "\x08http/1.1"sv; }

}  // namespace

connection_client::connection_client(bool http2, bool encrypted, token_names tokens)
    : tokens_(std::move(tokens)),
      http2_(http2 ? std::make_unique<protocol::testing::http2_client>() : nullptr),
      tls_(encrypted ? std::make_unique<tls_peer>(protocols(http2)) : nullptr) {}

void connection_client::send(ask what) {
  const request_sent asked{sent_.size(), what};
  const request_form form = form_of(asked, tokens_);
  sent_.push_back(asked);
  if (http2_ == nullptr) {
    plain_ += to_http1(form);
  } else {
    streams_.push_back(http2_->request(form.method, form.path, form.body, form.fields));
  }
}

void connection_client::send_raw(std::string_view bytes, bool below_tls) {
  if (bytes.empty()) return;
  dirty_ = true;
  if (http2_ != nullptr) plain_ += http2_->output();
  (below_tls ? raw_ : plain_) += bytes;
}

void connection_client::end() {
  if (tls_ == nullptr || std::exchange(over_, true)) return;
  said_nothing_ = tls_->failed() || !tls_->handshake();
  if (said_nothing_) return;
  if (!plain_.empty()) tls_->write(std::exchange(plain_, {}));
  tls_->end();
}

std::string connection_client::output() {
  if (http2_ != nullptr && !http2_->error) plain_ += http2_->output();
  if (tls_ == nullptr) return std::exchange(plain_, {}) + std::exchange(raw_, {});
  if (!over_ && !tls_->failed() && tls_->handshake() && !plain_.empty())
    tls_->write(std::exchange(plain_, {}));
  return tls_->output() + std::exchange(raw_, {});
}

void connection_client::feed(std::string_view bytes) {
  if (bytes.empty()) return;
  if (tls_ == nullptr) return take_plain(bytes);
  tls_->feed(bytes);
  if (!tls_->failed() && tls_->handshake()) take_plain(tls_->read());
}

void connection_client::take_plain(std::string_view bytes) {
  if (http2_ != nullptr) {
    if (!bytes.empty()) http2_->feed(bytes);
    return;
  }
  // What raw bytes made of the requests, an answer to HEAD for one, cannot be told from out here.
  if (dirty_) return;
  input_ += bytes;
  for (;;) {
    const bool known = answers_.size() < sent_.size();
    const bool head = known && sent_[answers_.size()].what == ask::live_head;
    auto found = find_http1_answer(input_, head);
    half_.reset();
    if (!found) return;
    if (found->bytes == 0) {
      half_ = std::move(found->parts);
      return;
    }
    input_.erase(0, found->bytes);
    answers_.push_back(std::move(found->parts));
  }
}

std::optional<answer_parts> connection_client::answer(const request_sent& to) {
  if (http2_ != nullptr)
    return http2_->answer(streams_[to.number]).ended ? begun(to) : std::nullopt;
  if (to.number >= answers_.size()) return std::nullopt;
  return answers_[to.number];
}

std::optional<answer_parts> connection_client::begun(const request_sent& to) {
  if (http2_ == nullptr) return to.number == answers_.size() ? half_ : answer(to);
  const auto& seen = http2_->answer(streams_[to.number]);
  const std::string status = seen.status();
  if (status.empty() && !seen.ended) return std::nullopt;
  answer_parts parts;
  std::from_chars(status.data(), status.data() + status.size(), parts.status);
  parts.body = seen.body;
  return parts;
}

bool connection_client::refused(const request_sent& one) {
  if (http2_ == nullptr) return false;
  const auto& seen = http2_->answer(streams_[one.number]);
  return seen.closed && seen.code == NGHTTP2_REFUSED_STREAM;
}

bool connection_client::answered_too_much() const {
  if (answers_.size() >= sent_.size()) return answers_.size() > sent_.size() || !input_.empty();
  return !input_.empty() && sent_[answers_.size()].what != ask::watch;
}

}  // namespace factord::testing
