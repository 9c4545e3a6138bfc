#include "server/protocol/http1/codec.hpp"

#include <utility>

#include "server/protocol/wire/json_error.hpp"
#include "storage/base/check.hpp"

namespace factord::protocol {
namespace {

// RFC 9112, section 2.2: a robust server ignores an empty line or two before a request line.
constexpr unsigned empty_lines_max = 2;
constexpr std::size_t first_turns = 2;
constexpr std::size_t kept_capacity = 512;

http1::answer_form form_of_answer(const request& to, const http1::parser& how, bool last) {
  http1::answer_form form;
  form.head = to.method == verb::head;
  form.http10 = how.is_http10();
  form.close = last || !how.keeps_alive();
  return form;
}

}  // namespace

http1_codec::http1_codec(const limits& bounds, const date_clock& date, host_rule hosts,
                         streaming_rule in_parts)
    : bounds_(bounds), date_(date), hosts_(hosts), streams_(in_parts), turns_(first_turns) {
  FACTORD_CHECK(bounds.pipelined_requests > 0);
}

std::size_t http1_codec::receive(std::string_view input) {
  std::size_t taken = 0;
  if (stage_ == stage::left && request_.body.empty()) end_request();
  if (stage_ == stage::closed) return input.size();
  if (stage_ == stage::header && wants_input()) {
    taken = skip_empty_lines(input);
    if (taken < input.size()) taken += receive_header(input.substr(taken));
  }
  const bool reads_on = stage_ == stage::body && (!in_parts_ || has_space());
  if (reads_on && taken < input.size()) taken += receive_body(input.substr(taken));
  send_continue();
  return stage_ == stage::closed ? input.size() : taken;
}

bool http1_codec::wants_input() const {
  return takes_input() && output_.size() < bounds_.output_bytes;
}

bool http1_codec::takes_input() const {
  switch (stage_) {
    case stage::body:
      if (in_parts_) return part_due_ || has_space();
      [[fallthrough]];
    case stage::header:
      return unanswered() < bounds_.pipelined_requests;
    case stage::complete:
      return part_due_;
    case stage::left:
      return request_.body.empty() && !last_;
    case stage::closed:
      break;
  }
  return false;
}

std::size_t http1_codec::skip_empty_lines(std::string_view input) {
  std::size_t taken = 0;
  if (scanner_.begun()) return taken;
  while (empty_lines_ < empty_lines_max && input.substr(taken).starts_with("\r\n")) {
    taken += 2;
    ++empty_lines_;
  }
  return taken;
}

std::size_t http1_codec::receive_header(std::string_view input) {
  // It may be the first half of an empty line.
  if (!scanner_.begun() && empty_lines_ < empty_lines_max && input == "\r") return 0;
  using enum http1::header_scanner::status;
  switch (scanner_.scan(input, bounds_.header_bytes)) {
    case more:
      return 0;
    case bad:
      refuse({400, 3, scanner_.reason()});
      return 0;
    case line_too_long:
      refuse({414, 3, "the request target is too long"});
      return 0;
    case too_long:
      refuse({431, 3, "the request header is too large"});
      return 0;
    case complete:
      break;
  }
  request_.clear();
  request_.begun = now_;
  parser_.emplace(bounds_, hosts_, streams_, request_);
  stage_ = stage::body;
  const auto parsed = parser_->parse_header(input.substr(0, scanner_.size()));
  if (parsed != http1::parser::status::refused) {
    continue_wanted_ = parser_->expects_continue();
    in_parts_ = part_due_ = parser_->in_parts();
  }
  settle(parsed);
  return scanner_.size();
}

std::size_t http1_codec::receive_body(std::string_view input) {
  std::size_t taken = 0;
  const std::uint64_t before = parser_->body_bytes();
  const auto parsed = parser_->parse_body(input, taken);
  if (in_parts_ && parser_->body_bytes() != before) part_due_ = true;
  settle(parsed);
  return taken;
}

void http1_codec::settle(http1::parser::status parsed) {
  using enum http1::parser::status;
  if (parsed == refused) return refuse(parser_->why());
  if (parsed == more) return;
  stage_ = stage::complete;
  continue_wanted_ = false;
  ++requests_read_;
}

request* http1_codec::next() {
  if (!has_next()) return nullptr;
  if (in_parts_) return next_part();
  request_.id = open_turn(form_of_answer(request_, *parser_, last_));
  request_.takes_parts = !parser_->is_http10();
  end_request();
  return &request_;
}

request* http1_codec::next_part() {
  part_due_ = false;
  if (!std::exchange(begun_, true)) {
    request_.id = open_turn(form_of_answer(request_, *parser_, last_));
    request_.takes_parts = !parser_->is_http10();
  }
  request_.more = stage_ == stage::body;
  if (!request_.more) stage_ = stage::left;
  return &request_;
}

request* http1_codec::again(std::uint64_t id) {
  return under_way(id) && awaits(id) ? &request_ : nullptr;
}

// The next one begins, where there is to be one.
void http1_codec::end_request() {
  stage_ = last_ || !parser_->keeps_alive() ? stage::closed : stage::header;
  scanner_.reset();
  empty_lines_ = 0;
  in_parts_ = begun_ = part_due_ = false;
}

void http1_codec::respond(std::uint64_t id, const response& answer) {
  FACTORD_CHECK(answer.trailers.empty());
  FACTORD_CHECK(id >= first_id_ && id < next_id_);
  turn& mine = turn_of(id);
  FACTORD_CHECK(!mine.answered);
  std::string& to = id == first_id_ ? output_ : mine.bytes;
  const std::size_t before = to.size();
  if (under_way(id)) {
    if (answer.more && stage_ == stage::body && continue_wanted_) http1::append_continue(to);
    continue_wanted_ = false;
    // The rest of it is of no use to anybody, and where it ends nobody looks.
    if (!answer.more && stage_ == stage::body) last_ = mine.form.close = true;
    if (!answer.more) end_request();
  }
  http1::append_answer(to, answer, mine.form, date_.text());
  mine.form.begun = answer.more;
  mine.answered = !answer.more;
  if (id != first_id_) {
    waiting_bytes_ += to.size() - before;
  } else if (mine.answered) {
    close_turn();
    release_turns();
    send_continue();
  }
}

// What was said of those behind it before their turn came.
void http1_codec::release_turns() {
  while (unanswered() > 0) {
    turn& first = turn_of(first_id_);
    output_ += first.bytes;
    waiting_bytes_ -= first.bytes.size();
    if (!first.answered) return first.bytes.clear();
    close_turn();
  }
}

bool http1_codec::awaits(std::uint64_t id) const {
  return id >= first_id_ && id < next_id_ && !turns_[id % turns_.size()].answered;
}

void http1_codec::sweep(time_point now, bool reading) {
  const debt due = owed();
  const std::uint64_t bytes = in_parts_ ? parser_->body_bytes() : 0;
  const bool seen =
      reading && due == swept_ && requests_read_ == swept_request_ && bytes == swept_bytes_;
  swept_ = due;
  swept_request_ = requests_read_;
  swept_bytes_ = bytes;
  if (!seen) owed_since_ = now;
  if (due == debt::nothing) return;
  const auto patience = due == debt::header ? bounds_.header_time : bounds_.body_time;
  if (now - owed_since_ >= patience) refuse({408, 4, "the request took too long"});
}

void http1_codec::end_of_input() {
  last_ = true;
  if (stage_ != stage::complete && stage_ != stage::left) stage_ = stage::closed;
  part_due_ = part_due_ && stage_ != stage::closed;
  continue_wanted_ = false;
}

void http1_codec::drain() {
  last_ = true;
  if (begun_) turn_of(request_.id).form.close = true;
  if (stage_ != stage::header || scanner_.begun()) return;  // goes on to the end of this request
  stage_ = stage::closed;
  if (unanswered() > 0) turn_of(next_id_ - 1).form.close = true;
}

http1_codec::debt http1_codec::owed() const {
  // With no space left it is us who do not read.
  if (stage_ == stage::body) return !in_parts_ || has_space() ? debt::body : debt::nothing;
  if (stage_ == stage::header && scanner_.begun()) return debt::header;
  return debt::nothing;
}

bool http1_codec::finished() const { return stage_ == stage::closed && unanswered() == 0; }

std::size_t http1_codec::held_bytes() const { return request_.held_bytes() + waiting_bytes_; }

// The answer that ends the connection keeps its turn behind those of the requests before it. That
// of a request in parts may have begun: whoever reads it says so.
void http1_codec::refuse(const refusal& why) {
  continue_wanted_ = false;
  if (begun_) {
    request_.refused = why;
    request_.body.clear();
    turn_of(request_.id).form.close = true;
    last_ = part_due_ = true;
    stage_ = stage::complete;
    return;
  }
  stage_ = stage::closed;
  in_parts_ = part_due_ = false;
  response answer;
  answer.status = why.status;
  answer.body = to_json(why);
  http1::answer_form form;
  form.close = true;
  respond(open_turn(form), answer);
}

// Only while the client may be waiting for it, and never before the answers to earlier requests.
void http1_codec::send_continue() {
  if (!continue_wanted_ || stage_ != stage::body || unanswered() > 0 || in_parts_) return;
  continue_wanted_ = false;
  http1::append_continue(output_);
}

std::uint64_t http1_codec::open_turn(http1::answer_form form) {
  if (unanswered() == turns_.size()) grow_turns();
  turn_of(next_id_).form = form;
  return next_id_++;
}

// Most connections never pipeline, so the ring starts small.
void http1_codec::grow_turns() {
  std::vector<turn> larger(turns_.size() * 2);
  for (std::uint64_t id = first_id_; id < next_id_; ++id)
    larger[id % larger.size()] = std::move(turn_of(id));
  turns_ = std::move(larger);
}

void http1_codec::close_turn() {
  turn& done = turn_of(first_id_++);
  done.answered = false;
  // Small answers leave their memory to the next one.
  if (done.bytes.capacity() > kept_capacity) done.bytes = std::string();
  done.bytes.clear();
}

}  // namespace factord::protocol
