#include "tests/simulation/line_answer.hpp"

#include <charconv>

namespace factord::simulation {

std::optional<unsigned> line_answer::status() {
  if (status_ != 0) return status_;
  const std::size_t end = input_.find("\r\n\r\n");
  if (end == std::string::npos) return std::nullopt;
  std::from_chars(input_.data() + 9, input_.data() + 12, status_);
  input_.erase(0, end + 4);
  return status_;
}

std::optional<std::string> line_answer::take_line() {
  std::size_t end = text_.find('\n');
  while (end == std::string::npos && take_chunk()) end = text_.find('\n');
  if (end == std::string::npos) return std::nullopt;
  std::string line = text_.substr(0, end);
  text_.erase(0, end + 1);
  return line;
}

// False where there is none yet, or no more of them.
bool line_answer::take_chunk() {
  if (ended_) return false;
  const std::size_t line = input_.find("\r\n");
  if (line == std::string::npos) return false;
  std::size_t size = 0;
  std::from_chars(input_.data(), input_.data() + line, size, 16);
  if (input_.size() < line + 2 + size + 2) return false;
  text_.append(input_, line + 2, size);
  input_.erase(0, line + 2 + size + 2);
  ended_ = size == 0;
  return true;
}

}  // namespace factord::simulation
