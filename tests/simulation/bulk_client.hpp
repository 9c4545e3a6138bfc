#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/client.hpp"
#include "tests/simulation/client_socket.hpp"
#include "tests/simulation/line_answer.hpp"

namespace factord::simulation {

/// Removes in bulks, one after the other, and has the answer to each line checked as that to a
/// request of its own: they come in the order of the lines, and none is missing unless the last
/// line says so. One with a key that was cut is sent again, as a whole.
class bulk_client {
 public:
  bulk_client(const client::surroundings& around, std::size_t number);

  /// Everything was asked, and answered or given up.
  [[nodiscard]] bool done() const { return left_ == 0 && !under_way_; }
  void server_died(std::size_t which);
  [[nodiscard]] std::string unanswered() const;

 private:
  struct line {
    enum class kind : std::uint8_t { removal, malformed, blank };
    kind what = kind::removal;
    std::uint64_t number = 0;
    request_seen asked;  ///< a removal's
  };
  struct bulk {
    request_seen head;
    std::vector<line> lines;
  };

  void step();
  void begin();
  [[nodiscard]] bulk draw();
  void draw_removal(line& made);
  void send_some();
  void hang_up();
  void arrive(std::string_view piece);
  void take_head(unsigned status);
  void take_line(const std::string& text);
  void take_removal(const line& next, const boost::json::object& told, const std::string& text);
  void take_end(const boost::json::object& told);
  void finish();

  const client::surroundings around_;
  const std::string name_;
  std::size_t left_;  ///< bulks to send
  client_socket socket_;
  line_answer answer_;

  bool under_way_ = false;  ///< `now_` is
  bulk now_;
  std::size_t sent_ = 0;  ///< lines of it
  bool all_sent_ = false;
  bool admitted_ = false;     ///< its head was
  std::deque<line> waiting_;  ///< for their answers
  bool cut_ = false;          ///< the last line has said that not all was begun
  std::uint64_t floor_ = 0;   ///< the newest sequence that was answered on this connection
  std::deque<bulk> lost_;     ///< with a key, and without all answers
};

}  // namespace factord::simulation
