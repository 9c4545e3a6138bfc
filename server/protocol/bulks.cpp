#include "server/protocol/bulks.hpp"

#include <algorithm>

#include "storage/base/check.hpp"

namespace factord::protocol {
namespace {

using service::call;

void end_for_drain(bulk& one) {
  one.stop(service::status_code::unavailable, {},
           "the server is shutting down: go on elsewhere, or here again");
}

}  // namespace

void bulks::open(call& head, const request& incoming) {
  open_.push_back(std::make_unique<bulk>(with_, head));
  open_.back()->take_part(incoming);
  if (draining_) end_for_drain(*open_.back());
}

bool bulks::take_part(const request& incoming) {
  bulk* const of = find(incoming.id);
  if (of == nullptr) return false;
  of->take_part(incoming);
  return true;
}

void bulks::forget(call& head) {
  std::erase_if(open_, [&head](const auto& one) { return &one->head() == &head; });
}

void bulks::drain() {
  draining_ = true;
  for (const auto& one : open_) end_for_drain(*one);
}

void bulks::begin_turn() {
  left_ = lines_of_a_turn;
  if (!open_.empty()) std::rotate(open_.begin(), open_.begin() + 1, open_.end());
}

void bulks::sweep(codec::time_point now) {
  for (const auto& one : open_) {
    if (now < one->head().deadline) continue;
    one->stop(service::status_code::deadline_exceeded, {},
              "the deadline has passed: no more lines are begun");
  }
}

void bulks::end_of_input() {
  for (const auto& one : open_) one->end_of_input();
}

// Who stalls holds its share of what a connection may have under way, and no more.
bool bulks::go_on(codec& on) {
  bool any = false;
  for (const auto& one : open_) {
    if (!one->admitted()) continue;
    if (!on.awaits(one->head().request_id)) one->abandon();
    const std::size_t share = std::max<std::size_t>(1, with_.bounds.bulk_lines / open_.size());
    if (one->begin(on, share, left_)) any = true;
    if (one->answer(on)) any = true;
  }
  return any;
}

call* bulks::take_over() {
  const auto found =
      std::ranges::find_if(open_, [](const auto& one) { return one->admitted() && one->over(); });
  if (found == open_.end()) return nullptr;
  call& head = (*found)->head();
  open_.erase(found);
  return &head;
}

bool bulks::busy() const {
  return !empty() && std::ranges::all_of(open_, [](const auto& one) { return one->busy(); });
}

std::vector<call*> bulks::resting() const {
  std::vector<call*> found;
  for (const auto& one : open_) one->append_resting(found);
  return found;
}

std::size_t bulks::held_bytes() const noexcept {
  std::size_t bytes = 0;
  for (const auto& one : open_) bytes += sizeof(bulk) + one->held_bytes();
  return bytes;
}

bulk* bulks::find(std::uint64_t request_id) const {
  const auto found = std::ranges::find_if(
      open_, [request_id](const auto& one) { return one->head().request_id == request_id; });
  return found == open_.end() ? nullptr : found->get();
}

bulk& bulks::bulk_of(const call& one) const {
  bulk* const found = find(one.request_id);
  FACTORD_CHECK(found != nullptr);
  return *found;
}

}  // namespace factord::protocol
