#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "storage/base/error.hpp"
#include "storage/engine/log_source.hpp"
#include "storage/engine/wait_for.hpp"

namespace factord::storage {

inline const std::string& key_of(const key_value& state) noexcept { return state.key; }
inline const std::string& key_of(const std::string& key) noexcept { return key; }

/// Walks over a range to its end, page by page, waiting for each: `reader(after, callback)` asks
/// for the items above a key, `visit(page)` takes them. Ends with the first failure of either.
template <class Item, class Reader, class Visit>
[[nodiscard]] result<void> for_each_page(const Reader& reader, const Visit& visit) {
  std::string after;
  for (;;) {
    const auto page =
        wait_for<std::vector<Item>>([&](auto done) { reader(after, std::move(done)); });
    if (!page) return page.error();
    if (page->empty()) return {};
    if (const result<void> taken = visit(*page); !taken) return taken;
    after = key_of(page->back());
  }
}

/// Walks over the log above the event `after`, in order, to the event `last` or to its end: `visit`
/// takes each page, an events_answer whose head is that of its snapshot; the last is empty unless
/// it reaches `last`. Ends with the first failure of either.
template <class Visit>
[[nodiscard]] result<void> for_each_event_page(const log_source& store, std::uint64_t after,
                                               std::uint64_t last, const Visit& visit) {
  constexpr std::uint64_t most = 1000;
  while (after < last) {
    const auto wanted = static_cast<std::size_t>(std::min(most, last - after));
    const auto page = wait_for<events_answer>(
        [&](auto done) { store.read_events(after, wanted, std::move(done)); });
    if (!page) return page.error();
    if (const result<void> taken = visit(*page); !taken) return taken;
    if (page->events.empty()) return {};
    after = page->events.back().sequence;
  }
  return {};
}

}  // namespace factord::storage
