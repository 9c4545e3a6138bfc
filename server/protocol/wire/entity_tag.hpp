#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace factord::protocol {

/// An entity tag as it was sent (RFC 9110, section 8.8.3).
struct entity_tag {
  std::string_view opaque;  ///< without its quotes
  bool weak = false;
};

/// What stands next in a list of tags, as If-Match and If-None-Match have it (section 13.1).
enum class next_tag {
  one,
  any,  ///< `*`, which stands alone
  none,
  malformed,
};

/// Goes through the value of such a field. Lines of it that were joined by ", " are one list; what
/// is empty between commas counts for nothing, but a list of nothing is malformed.
class entity_tag_list {
 public:
  explicit entity_tag_list(std::string_view value) noexcept : rest_(value) {}

  /// Sets `out` where there is one. Once it has said anything else, that is all.
  [[nodiscard]] next_tag next(entity_tag& out) noexcept;

 private:
  [[nodiscard]] bool skip_to_next() noexcept;
  [[nodiscard]] bool take(entity_tag& out) noexcept;

  std::string_view rest_;
  bool first_ = true;
};

/// The tag of a user whose last event has this sequence: `"7"`.
[[nodiscard]] std::string to_entity_tag(std::uint64_t sequence);

/// The sequence that such a tag is of, given without its quotes; 0 where it is none of ours.
[[nodiscard]] std::uint64_t sequence_of_tag(std::string_view opaque) noexcept;

}  // namespace factord::protocol
