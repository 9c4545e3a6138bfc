#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/bootstrap.hpp"
#include "tests/simulation/model.hpp"
#include "tests/simulation/random.hpp"
#include "tests/simulation/simulated_server.hpp"

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
    std::vector<known_token>& tokens;                               ///< that anybody uses
    const std::vector<std::unique_ptr<simulated_server>>& servers;  ///< null while one is not there
  };

  client(surroundings around, std::size_t number);

  /// Everything was asked, and answered or given up.
  [[nodiscard]] bool done() const { return left_ == 0 && waiting_.empty(); }
  /// What this server had sent arrives, then the connection to it is gone.
  void server_died(std::size_t which);
  [[nodiscard]] std::string unanswered() const;

 private:
  void later(moment delay, void (client::*run)());
  [[nodiscard]] simulated_server* server() const { return around_.servers[home_].get(); }
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

  std::size_t home_ = 0;             ///< to which server it connects
  std::shared_ptr<pipe> to_server_;  ///< null: not connected
  std::shared_ptr<pipe> from_server_;
  service::ticket link_;
  std::string input_;
  std::deque<request_seen> waiting_;
  std::uint64_t floor_ = 0;        ///< the newest sequence that was answered on this connection
  std::deque<request_seen> lost_;  ///< with a key, and without an answer
  std::string held_back_;          ///< the second half of a request
  bool closing_ = false;           ///< our half is closed
};

}  // namespace factord::simulation
