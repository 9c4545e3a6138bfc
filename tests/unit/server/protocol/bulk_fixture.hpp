#pragma once

#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include "tests/unit/server/protocol/bulk_lines.hpp"
#include "tests/unit/server/protocol/http2/client.hpp"
#include "tests/unit/server/protocol/session_fixture.hpp"

/// Bulks over a session: lines in, lines out.
namespace factord::protocol::bulk_testing {

class bulk_fixture : public session_fixture {
 protected:
  bulk_fixture() : by_(admin()) {
    for (const char* const id : {"u1", "u2", "u3"}) {
      add_user(id, "acme");
      add_factor(id);
    }
    before_ = last_sequence();
  }

  std::string head(std::string_view fields = {}, std::string_view query = {}) const {
    std::string bytes = "POST ";
    bytes.append(path_).append(query).append(" HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer ");
    return bytes.append(by_).append("\r\n").append(ndjson).append(fields);
  }
  void begin(std::string_view fields = {}, std::string_view query = {}) {
    made_ = calls_.in_use();
    feed(head(std::string(fields) + "Transfer-Encoding: chunked\r\n\r\n", query));
  }
  void send(std::string_view text) { feed(chunk(text)); }
  void end() { feed("0\r\n\r\n"); }

  /// Lets all go on that can, for a client that reads on.
  void settle() {
    for (bool busy = true; busy;) {
      session_->begin_turn();
      feed({});
      busy = !session_->output().empty();
      sent_ += std::exchange(session_->output(), {});
      if (session_->resume_streams()) busy = true;
      if (queue_->run_batch(now_) || !answered_.empty()) busy = true;
    }
  }
  /// The lines that have come since the last time, of an answer in chunks.
  lines take() {
    settle();
    if (sent_.starts_with("HTTP/1.1 ")) {
      const std::size_t stop = sent_.find("\r\n\r\n");
      head_ = sent_.substr(0, stop + 2);
      sent_.erase(0, stop + 4);
    }
    std::string body;
    while (!sent_.empty() && !ended_) {
      std::size_t size = 0;
      const auto digits = std::from_chars(sent_.data(), sent_.data() + sent_.size(), size, 16);
      const auto from = static_cast<std::size_t>(digits.ptr - sent_.data()) + 2;
      body += sent_.substr(from, size);
      sent_.erase(0, from + size + 2);
      ended_ = size == 0;
    }
    return split(body);
  }
  lines whole(std::string_view text, std::string_view fields = {}, std::string_view query = {}) {
    ended_ = false;
    begin(fields, query);
    if (!text.empty()) send(text);
    end();
    lines found = take();
    EXPECT_TRUE(ended_);
    EXPECT_EQ(calls_.in_use(), made_);
    return found;
  }
  /// Of a request that is refused: the answer as it is.
  std::string refused(std::string_view bytes) {
    made_ = calls_.in_use();
    feed(bytes);
    settle();
    return std::exchange(sent_, {});
  }

  /// All that the two sides have to say, over HTTP/2.
  void talk(testing::http2_client& with) {
    for (bool busy = true; busy;) {
      const std::string bytes = with.output();
      feed(bytes);
      session_->fill_output();
      const std::string answer = std::exchange(session_->output(), {});
      with.feed(answer);
      session_->begin_turn();
      const bool resumed = session_->resume_streams();
      const bool ran = queue_->run_batch(now_);
      busy = !bytes.empty() || !answer.empty() || resumed || ran || !answered_.empty();
    }
  }

  std::string_view path_ = bulk_path;
  std::string by_;
  std::uint64_t before_ = 0;
  std::size_t made_ = 0;
  std::string sent_;
  std::string head_;
  bool ended_ = false;
};

}  // namespace factord::protocol::bulk_testing
