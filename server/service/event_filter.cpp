#include "server/service/event_filter.hpp"

#include <algorithm>

namespace factord::service {
namespace {

bool is_among(const std::vector<std::string>& wanted, const std::string& text) {
  return wanted.empty() || std::ranges::find(wanted, text) != wanted.end();
}

}  // namespace

bool event_filter::narrows() const noexcept {
  return types != 0 || !creators.empty() || !orgs.empty() || from || to;
}

bool event_filter::lets_through(const storage::event_record& event) const noexcept {
  const bool of_type = types == 0 || (event.type() < 32 && ((types >> event.type()) & 1U) != 0);
  return of_type && is_among(creators, event.creator()) && is_among(orgs, event.resource_owner()) &&
         !begins_after(event) && !ends_before(event);
}

bool event_filter::ends_before(const storage::event_record& event) const noexcept {
  return to && from_micros(event.created_at()) >= *to;
}

bool event_filter::begins_after(const storage::event_record& event) const noexcept {
  return from && from_micros(event.created_at()) < *from;
}

}  // namespace factord::service
