#include "tests/faults/damage.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace factord::storage::testing {

namespace {

/// Collects damages to the files of one kind.
class wrecker {
 public:
  wrecker(const file_contents& files, std::string_view kind, std::mt19937_64& random)
      : files_(files), random_(random) {
    for (const auto& [name, content] : files) {
      if (!name.ends_with(kind) && !name.starts_with(kind)) continue;
      names_.push_back(name);
      bytes_ += content.size();
    }
  }

  void flip(std::size_t count) {
    spread(count, [this](const std::string& name, std::size_t at) {
      const std::size_t bit = up_to(7);
      std::string content = files_.at(name);
      content[at] = static_cast<char>(static_cast<unsigned char>(content[at]) ^ 1U << bit);
      add(name, "bit " + std::to_string(bit) + " of byte " + std::to_string(at) + " flipped",
          std::move(content));
    });
  }

  void cut(std::size_t count) {
    spread(count, [this](const std::string& name, std::size_t at) {
      add(name, "cut to " + std::to_string(at) + " bytes", files_.at(name).substr(0, at));
    });
  }

  void zero(std::size_t count) {
    spread(count, [this](const std::string& name, std::size_t at) {
      std::string content = files_.at(name);
      at -= at % disk::sector_bytes;
      const std::size_t size = std::min(disk::sector_bytes, content.size() - at);
      content.replace(at, size, size, '\0');
      add(name, "sector at " + std::to_string(at) + " zeroed", std::move(content));
    });
  }

  void lose() {
    for (const std::string& name : names_) {
      found_.push_back({name, "lost", {}});
    }
  }

  void exchange() {
    for (std::size_t i = 0; i + 1 < names_.size(); ++i) {
      const auto& [one, other] = std::pair{names_[i], names_[i + 1]};
      found_.push_back(
          {one, "swapped with " + other, {{one, files_.at(other)}, {other, files_.at(one)}}});
    }
  }

  [[nodiscard]] std::vector<damage> take() { return std::move(found_); }

 private:
  std::size_t up_to(std::size_t most) {
    return std::uniform_int_distribution<std::size_t>{0, most}(random_);
  }

  void add(const std::string& name, std::string what, std::string content) {
    if (content == files_.at(name)) return;  // zeros, zeroed
    found_.push_back({name, std::move(what), {{name, std::move(content)}}});
  }

  /// Calls with a file and an offset in it for so many places, evenly over the bytes of all.
  void spread(std::size_t count,
              const std::function<void(const std::string& name, std::size_t at)>& act) {
    if (bytes_ == 0) return;
    count = std::min(count, bytes_);
    const std::size_t stride = bytes_ / count;
    for (std::size_t i = 0; i < count; ++i) {
      std::size_t at = i * bytes_ / count + up_to(stride - 1);
      auto name = names_.begin();
      while (at >= files_.at(*name).size()) at -= files_.at(*name++).size();
      act(*name, at);
    }
  }

  const file_contents& files_;
  std::mt19937_64& random_;
  std::vector<std::string> names_;
  std::size_t bytes_ = 0;  ///< of them together
  std::vector<damage> found_;
};

}  // namespace

file_contents damage::done_to(file_contents files) const {
  files.erase(file);
  for (const auto& [name, content] : changed) files[name] = content;
  return files;
}

std::vector<damage> damages(const file_contents& files, std::string_view kind, std::size_t flips,
                            std::mt19937_64& random) {
  wrecker at_work{files, kind, random};
  at_work.flip(flips);
  at_work.cut(std::max<std::size_t>(flips / 4, 1));
  at_work.zero(std::max<std::size_t>(flips / 4, 1));
  at_work.lose();
  at_work.exchange();
  return at_work.take();
}

}  // namespace factord::storage::testing
