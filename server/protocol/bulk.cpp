#include "server/protocol/bulk.hpp"

#include <algorithm>
#include <utility>

#include "server/protocol/messages/endpoint.hpp"
#include "server/protocol/rest/bulk.hpp"
#include "server/protocol/rpc/bulk.hpp"
#include "server/protocol/wire/call_note.hpp"
#include "server/service/counters.hpp"
#include "storage/base/canary.hpp"

namespace factord::protocol {
namespace {

using service::call;
using service::line_stage;
using service::status_code;

// A part of an answer ends behind the line that makes it so long.
constexpr std::size_t part_bytes = 64U << 10U;
// So many lines may be under way however many others are, for each that is done wakes its bulk.
constexpr std::size_t lines_of_its_own = 16;

// The part being written, with memory that is kept. It is copied into the codec in one go.
thread_local response part_scratch;

// What a line is told that the next one would be told as well.
bool ends_all(status_code code) {
  return code == status_code::unauthenticated || code == status_code::unavailable ||
         code == status_code::deadline_exceeded;
}

}  // namespace

bulk::bulk(const session_environment& with, call& head)
    : with_(with),
      head_(head),
      kind_(*endpoint_of(head.op).bulk),
      form_(call_note::of(head.protocol_note).form),
      dialect_(form_ == rpc_form::none ? json_bulk_dialect : rpc_bulk_dialect),
      lines_(lines_of_its_own) {}

void bulk::take_part(const request& part) {
  dry_ = false;
  whole_ = !part.more;
  if (part.refused.status == 0) return;
  stop(static_cast<status_code>(part.refused.code), {}, part.refused.message);
}

void bulk::end_of_input() {
  if (!whole_) stop(status_code::invalid_argument, {}, "the request was cut short");
}

void bulk::stop(status_code code, std::string_view error_id, std::string_view message) {
  if (std::exchange(ended_, true)) return;
  end_ = {code, error_id, std::string(message), head_.lines + 1};
  drop(line_stage::refused);
}

// One that never got into the commit queue is in nobody's way any more; others say nothing of the
// newest, which may not be in there yet.
void bulk::complete(call& line) {
  if (line.begun_later || planted(canary::lines_overtake)) submitted(line);
  line.place.reset();
  const bool refused = line.out.no_room;
  line.stage = refused ? line_stage::refused : line_stage::back;
  ++(refused ? refused_ : back_);
  if (!refused) back_bytes_ += line.size_bytes();
  if (refused && end_.code != status_code::ok) drop(line_stage::refused);
  if (!refused && ends_all(line.out.code)) stop(line.out.code, line.out.error_id, line.out.message);
  if (answered_) abandon();
}

void bulk::submitted(call& line) noexcept {
  line.begun_later = false;
  submitting_ = false;
}

bool bulk::begin(codec& from, std::size_t most, std::size_t& left) {
  if (submitting_ || left == 0) return false;
  if (refused_ > 0) return start_refused(left);
  if (ended_ || dry_ || count_ >= most) return false;
  request* const incoming = from.again(head_.request_id);
  if (incoming == nullptr) {
    ended_ = whole_;  // all of it was taken
    return ended_;
  }
  const std::uint64_t before = head_.lines;
  std::string_view rest = incoming->body;
  for (bool more = true; more && count_ < most && left > 0; --left)
    more = take_item(*incoming, rest);
  incoming->body.erase(0, incoming->body.size() - rest.size());
  return ended_ || head_.lines != before;
}

// False where no more is begun now: there is no other line yet, or no room for it; or one is not in
// the commit queue yet, which keeps their order.
bool bulk::take_item(request& incoming, std::string_view& rest) {
  budget* const others = with_.bulk_lines;
  auto place = others == nullptr ? std::nullopt : others->enter();
  if (!place && others != nullptr && count_ - back_ >= lines_of_its_own) return false;
  const std::size_t most = std::min(kind_.line_bytes, with_.bounds.body_bytes);
  bulk_item found = dialect_.take(form_, incoming, rest, most);
  switch (found.what) {
    case bulk_item::kind::unfinished:
      dry_ = true;
      return false;
    case bulk_item::kind::fault:
      stop(found.code, {}, found.message);
      return false;
    case bulk_item::kind::end:
      ended_ = true;
      return false;
    case bulk_item::kind::blank:
      ++head_.lines;
      return true;
    case bulk_item::kind::line:
      break;
  }
  ++head_.lines;
  call& line = make_line(incoming, found.text);
  if (place) line.place.emplace(*std::move(place));
  start(line);
  return !submitting_ && refused_ == 0 && !ended_;
}

call& bulk::make_line(const request& incoming, std::string_view text) {
  call& line = with_.calls.acquire();
  line.op = kind_.each;
  line.over = head_.over;
  line.way_back = head_.way_back;
  line.request_id = head_.request_id;
  line.line = head_.lines;
  line.deadline = head_.deadline;
  line.who.trusted = head_.who.trusted;
  line.in.has_authorization = head_.in.has_authorization;
  line.in.authorization.assign(head_.in.authorization);
  line.in.dry_run = head_.in.dry_run;
  if (!head_.in.retry_key.empty())
    line.in.retry_key.append(head_.in.retry_key).append(":").append(std::to_string(head_.lines));
  dialect_.read(form_, kind_, text, incoming, line);
  push(line);
  return line;
}

// It may be answered before this returns. In the hands of the commit queue it is not touched.
void bulk::start(call& line) {
  line.stage = line_stage::under_way;
  if (with_.users.start(line)) submitting_ = true;
}

// Those that there was no room for, in order, until there is none again.
bool bulk::start_refused(std::size_t& left) {
  bool any = false;
  for (std::size_t i = 0; i < count_ && refused_ > 0 && left > 0 && !submitting_; ++i) {
    call& line = *nth(i);
    if (line.stage != line_stage::refused) continue;
    const std::size_t others = --refused_;
    line.clear_answer();
    --left;
    start(line);
    if (refused_ > others) break;
    any = true;
  }
  return any;
}

bool bulk::answer(codec& to) {
  const bool last = ended_ && count_ == back_;
  if (answered_ || (!first_is_back() && !last) || !to.has_room(head_.request_id)) return false;
  response& out = part_scratch;
  out.clear();
  while (first_is_back() && out.body.size() < part_bytes) {
    dialect_.write(form_, kind_, *nth(0), out);
    release_first();
  }
  out.paced = true;
  out.more = !ended_ || count_ > 0;
  if (!out.more) {
    dialect_.end(form_, end_, out);
    answered_ = true;
    head_.out.code = end_.code;
    head_.tally->of_shard(head_.shard()).answered(head_.op, end_.code, head_.over);
  }
  head_.bytes_out += out.body.size();
  to.respond(head_.request_id, out);
  return true;
}

void bulk::abandon() {
  if (!answered_) head_.out.code = status_code::cancelled;
  ended_ = answered_ = true;
  drop(line_stage::refused);
  drop(line_stage::back);
}

void bulk::drop(line_stage which) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    call* const one = nth(i);
    if (one->stage == which) {
      end_.line = which == line_stage::refused ? std::min(end_.line, one->line) : end_.line;
      with_.calls.release(*one);
    } else {
      lines_[(first_ + kept++) % lines_.size()] = one;
    }
  }
  count_ = kept;
  (which == line_stage::refused ? refused_ : back_) = 0;
  if (which == line_stage::back) back_bytes_ = 0;
}

bool bulk::first_is_back() const { return count_ > 0 && nth(0)->stage == line_stage::back; }

void bulk::push(call& line) {
  if (count_ == lines_.size()) {
    std::rotate(lines_.begin(), lines_.begin() + static_cast<std::ptrdiff_t>(first_), lines_.end());
    first_ = 0;
    lines_.resize(lines_.size() * 2);
  }
  lines_[(first_ + count_++) % lines_.size()] = &line;
}

void bulk::release_first() {
  back_bytes_ -= nth(0)->size_bytes();
  with_.calls.release(*nth(0));
  first_ = (first_ + 1) % lines_.size();
  --count_;
  --back_;
}

void bulk::append_resting(std::vector<call*>& found) const {
  for (std::size_t i = 0; i < count_; ++i) {
    if (nth(i)->stage != line_stage::under_way) found.push_back(nth(i));
  }
  if (admitted_) found.push_back(&head_);
}

// Those that are under way count as the commit queue's.
std::size_t bulk::held_bytes() const noexcept {
  return lines_.capacity() * sizeof(call*) + back_bytes_;
}

}  // namespace factord::protocol
