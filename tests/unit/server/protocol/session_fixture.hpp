#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/protocol/session.hpp"
#include "tests/unit/support/service_fixture.hpp"

namespace factord::protocol {

/// A session over the service of service_fixture: HTTP bytes in, HTTP bytes out.
class session_fixture : public service::service_fixture {
 protected:
  explicit session_fixture(const service::jwt_issuers* issuers = nullptr);

  /// One answer, taken apart.
  struct answer_seen {
    unsigned status = 0;
    std::string head;  ///< status line and fields
    std::string body;
    [[nodiscard]] bool has(std::string_view header_line) const;
  };

  /// Sends bytes, runs the queue until nothing is left to do, and returns the answers.
  std::vector<answer_seen> exchange(std::string bytes);
  /// One request of this session's token; checks that there is one answer.
  answer_seen ask_http(std::string_view request_line, std::string_view body = {},
                       std::string_view token = {}, std::string_view fields = {});

  /// Only feeds bytes, without running the queue.
  void feed(std::string_view bytes);
  /// Runs one batch and hands its completions back.
  void run_queue();
  std::vector<answer_seen> take_answers();

  void use_surface(surface on) { open(on); }
  /// From here on the service looks things up in this engine, and a new session is one of it.
  void read_from(storage::engine& store);

  limits bounds_;
  date_clock date_{start_time};
  readiness_state state_;
  request_names names_{0x0123456789abcdef};
  bool keeps_log_ = false;
  std::vector<std::string> log_lines_;  ///< of the access log, from when keeps_log_ was set
  access_log log_{{access_level::all},
                  [this] { return now_; },
                  [this](log::level /*severity*/, std::string_view line) {
                    if (keeps_log_) log_lines_.emplace_back(line);
                  }};
  std::unique_ptr<api> api_;
  std::unique_ptr<session_environment> environment_;
  std::unique_ptr<session> session_;
  std::string input_;

 private:
  void open(surface on);
  void share();
  void hand_back();
};

}  // namespace factord::protocol
