#pragma once

#include <deque>
#include <string>
#include <vector>

#include "tests/simulation/bootstrap.hpp"
#include "tests/simulation/client_socket.hpp"
#include "tests/simulation/model.hpp"
#include "tests/simulation/random.hpp"

namespace factord::simulation {

/// Sends requests over one connection after the other, and has every answer checked. The first one
/// sits at the admin socket.
class client {
 public:
  struct surroundings {
    scheduler& time;
    random_bits& random;
    const run_options& run;
    trace& log;
    model& expected;
    std::vector<known_token>& tokens;  ///< that anybody uses
    const server_list& servers;
  };

  client(surroundings around, std::size_t number);

  /// Everything was asked, and answered or given up.
  [[nodiscard]] bool done() const { return left_ == 0 && waiting_.empty(); }
  /// What this server had sent arrives, then the connection to it is gone.
  void server_died(std::size_t which);
  [[nodiscard]] std::string unanswered() const;

 private:
  void later(moment delay, void (client::*run)());
  void step();
  void connect();
  void hang_up();
  void send_next();
  void send_rest();
  void arrive(std::string_view piece);
  void take_answer(const answer_seen& answer);
  [[nodiscard]] request_seen draw();
  void draw_admin(request_seen& asked);
  void draw_public(request_seen& asked);
  void draw_condition(request_seen& asked);
  void draw_key(request_seen& asked);

  const surroundings around_;
  const std::size_t number_;
  const std::string name_;
  std::size_t left_;

  client_socket socket_;
  std::string input_;
  std::deque<request_seen> waiting_;
  std::uint64_t floor_ = 0;        ///< the newest sequence that was answered on this connection
  std::deque<request_seen> lost_;  ///< with a key, and without an answer
  std::string held_back_;          ///< the second half of a request
  bool closing_ = false;           ///< our half is closed
};

}  // namespace factord::simulation
