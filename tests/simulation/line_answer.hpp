#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace factord::simulation {

/// An answer of lines that goes on: its header, then lines, in chunks that are cut anywhere.
class line_answer {
 public:
  void receive(std::string_view piece) { input_ += piece; }
  /// For the next one. What has arrived behind this one is kept.
  void next() {
    status_ = 0;
    ended_ = false;
  }
  void clear() { *this = {}; }

  /// Once the header has come; nothing where it has not.
  [[nodiscard]] std::optional<unsigned> status();
  /// The next line, without its end. To be asked where there was a status, of an answer in chunks.
  [[nodiscard]] std::optional<std::string> take_line();
  /// No more comes.
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  /// What it ended with that is no whole line.
  [[nodiscard]] const std::string& rest() const noexcept { return text_; }

 private:
  [[nodiscard]] bool take_chunk();

  unsigned status_ = 0;  ///< 0: the header has not come
  bool ended_ = false;   ///< the last chunk has come
  std::string input_;
  std::string text_;  ///< out of its chunks
};

}  // namespace factord::simulation
