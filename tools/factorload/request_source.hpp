#pragma once

#include <cstdint>
#include <optional>

#include "tools/common/scatter.hpp"

namespace factord::load {

enum class operation : std::uint8_t { remove, add, count_ };
inline constexpr std::size_t operation_count = static_cast<std::size_t>(operation::count_);

/// What to do with the ids. `remove`: remove each once. `cycle`: remove one, add it again, go on to
/// the next, for ever.
enum class load_mode { remove, cycle };

struct request {
  operation what;
  std::uint64_t id_index;
};

/// The requests of a share of the ids: the positions first, first + stride, … of a scattered order.
/// Shares with the same stride and different `first` below it have no id in common.
///
/// In mode `cycle` a share must be used by one connection only: the server carries out the
/// requests of a connection in order, so an id is there again before it is next removed.
class request_source {
 public:
  /// `first` must be below `stride`, and in mode cycle below the number of ids.
  request_source(load_mode mode, const tools::scatter& order, std::uint64_t first,
                 std::uint64_t stride);

  /// The next one, or nothing where all are used up.
  [[nodiscard]] std::optional<request> next() noexcept;

 private:
  load_mode mode_;
  tools::scatter order_;
  std::uint64_t first_;
  std::uint64_t stride_;
  std::uint64_t position_;
  bool add_next_ = false;
};

}  // namespace factord::load
