#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/model/hash_chain.hpp"

namespace factord::storage {

/// The beginning of a log, whose records stay and whose hashes are those of any store: they follow
/// from the first one alone. In one piece of memory, so that they are had fast.
class kept_log {
 public:
  using hashes = std::vector<digest>;

  /// The next event, as stored (storage/model/event_value.hpp).
  void append(std::string_view value);

  [[nodiscard]] std::uint64_t size() const noexcept { return ends_.size(); }
  /// The value of an event that is in it, by its sequence.
  [[nodiscard]] std::string value(std::uint64_t sequence) const;

  /// The hashes that the same records have in a log that begins with this one. Reads records alone,
  /// so others may read values meanwhile.
  [[nodiscard]] hashes chained_from(const digest& first) const;
  void use(hashes all) { hashes_ = std::move(all); }

 private:
  [[nodiscard]] std::string_view record(std::uint64_t sequence) const;

  std::string records_;
  std::vector<std::size_t> ends_;  ///< in records_, by sequence
  hashes hashes_;
};

}  // namespace factord::storage
