#include "server/protocol/http2/codec.hpp"

#include <algorithm>
#include <utility>

#include "storage/base/check.hpp"

namespace factord::protocol {
namespace {

using http2::stream;
using http2::view;

// Of the streams that are reset by us: not those that were answered before their end, or that we
// give up. One too many at a time is only of who does not yet know how many there may be.
bool is_for_a_fault(std::uint32_t code) {
  return code != NGHTTP2_NO_ERROR && code != NGHTTP2_CANCEL;
}

}  // namespace

http2_codec::http2_codec(const limits& bounds, const date_clock& date, streaming_rule is_streaming,
                         host_rule hosts)
    : bounds_(bounds),
      date_(date),
      is_streaming_(is_streaming),
      hosts_(hosts),
      session_(http2::make_session(*this, bounds, memory_)),
      idle_bytes_(memory_.bytes()),
      resets_(bounds.http2_resets) {}

// Its callbacks may come from the session's destructor.
http2_codec::~http2_codec() { session_.reset(); }

std::size_t http2_codec::receive(std::string_view input) {
  if (input.empty() || failed_ || input_over_) return input.size();
  const std::size_t good = cursor_.advance(input);
  const ssize_t taken = nghttp2_session_mem_recv(
      session_.get(), reinterpret_cast<const std::uint8_t*>(input.data()), good);
  if (taken < 0) {
    fail(http2::wire_code_of(taken));
  } else {
    FACTORD_CHECK(static_cast<std::size_t>(taken) == good);
    if (good < input.size()) fail(NGHTTP2_PROTOCOL_ERROR);
  }
  return input.size();
}

// The reader of a request in parts erased what it used.
void http2_codec::give_back() {
  if (const stream* const last = std::exchange(given_, nullptr)) open_window(*last);
}

request* http2_codec::again(std::uint64_t id) {
  give_back();
  if (!awaits(id)) return nullptr;
  given_ = find(static_cast<std::int32_t>(id));
  return &given_->incoming;
}

request* http2_codec::next() {
  give_back();
  if (!has_next()) return nullptr;
  stream& ready = *ready_.front();
  ready_.pop_front();
  ready.queued = false;
  request& out = ready.incoming;
  out.more = ready.streaming && !ready.ended && out.refused.status == 0;
  ready.taken = !out.more;
  if (ready.streaming) given_ = &ready;
  return &out;
}

// A stream may be sent stream_window() less what is held of it. nghttp2 alone would wait until half
// of that was used up, and a message longer than the rest could never arrive.
void http2_codec::open_window(const stream& of) {
  if (of.ended || of.taken || of.incoming.refused.status != 0) return;
  const std::int32_t used =
      nghttp2_session_get_stream_effective_recv_data_length(session_.get(), of.id());
  const auto held = static_cast<std::int32_t>(of.incoming.body.size());
  if (used > held)
    check(nghttp2_submit_window_update(session_.get(), NGHTTP2_FLAG_NONE, of.id(), used - held));
}

void http2_codec::respond(std::uint64_t id, const response& answer) {
  stream* const to = find(static_cast<std::int32_t>(id));
  if (to == nullptr) return;  // the client reset it
  const bool begun = to->answering;
  const bool header_only = http2::is_header_only(answer, to->incoming.method == verb::head);
  const std::size_t before = to->unsent();
  to->paced = to->paced || answer.paced;
  if (begun || !header_only) {
    to->add_answer(answer);
  } else {
    to->answering = to->answered = true;
  }
  if (!to->paced) unsent_ += to->unsent() - before;
  if (to->answered) drop_rest(*to);
  if (begun) {
    // An error only says that it is not waiting for more.
    (void)nghttp2_session_resume_data(session_.get(), to->id());
    return;
  }
  const auto fields = headers_.of(answer, date_.text());
  const nghttp2_data_provider body = http2::body_of(*to);
  check(nghttp2_submit_response(session_.get(), to->id(), fields.data(), fields.size(),
                                header_only ? nullptr : &body));
}

// Answered to the end before the request was read to its own: the rest of it goes to nobody.
void http2_codec::drop_rest(stream& answered) {
  answered.taken = true;
  if (std::exchange(answered.queued, false)) std::erase(ready_, &answered);
}

ssize_t http2_codec::on_read(stream& from, std::span<char> space, std::uint32_t& flags) {
  const std::size_t size = from.read(space);
  if (!from.paced) unsent_ -= size;
  if (from.unsent() > 0) return static_cast<ssize_t>(size);
  if (!from.answered) {
    if (size == 0) return NGHTTP2_ERR_DEFERRED;
    return static_cast<ssize_t>(size);
  }
  flags |= NGHTTP2_DATA_FLAG_EOF;
  if (!from.trailers.empty()) {
    flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
    const auto fields = headers_.of(from.trailers);
    check(nghttp2_submit_trailer(session_.get(), from.id(), fields.data(), fields.size()));
  }
  return static_cast<ssize_t>(size);
}

void http2_codec::fill_output() {
  while (output_.size() < bounds_.output_bytes) {
    const std::uint8_t* bytes = nullptr;
    const ssize_t size = nghttp2_session_mem_send(session_.get(), &bytes);
    if (size < 0) failed_ = mute_ = true;  // out of memory
    if (size < 0 || (size == 0 && (farewell_.parted() || !no_more()))) return;
    if (size == 0) check(farewell_.part(session_.get()));
    output_.append(view(bytes, static_cast<std::size_t>(size)));
  }
}

void http2_codec::end_of_input() {
  input_over_ = true;
  for (const auto& one : open_.all()) {
    if (!one->ended)
      check(
          nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, one->id(), NGHTTP2_CANCEL));
  }
}

void http2_codec::drain() {
  if (!farewell_.begun() && !failed_) check(farewell_.begin(session_.get()));
}

void http2_codec::sweep(time_point now, bool reading) {
  if (frame_deadline_.is_late(cursor_, now, reading, bounds_) && !input_over_)
    fail(NGHTTP2_NO_ERROR);
  for (const auto& one : open_.all()) {
    if (!one->is_late(now, reading, bounds_)) continue;
    if (one->is_stuck()) {
      check(
          nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, one->id(), NGHTTP2_CANCEL));
    } else {
      refuse(*one, {408, 4, "the request took too long"});
    }
  }
  check(farewell_.sweep(session_.get(), now));
}

bool http2_codec::idle() const {
  const bool at_rest =
      std::ranges::all_of(open_.all(), [](const auto& one) { return one->rests(); });
  return at_rest && (failed_ || cursor_.where() == http2::frame_cursor::inside::nothing);
}

bool http2_codec::finished() const {
  if (mute_) return true;
  return nghttp2_session_want_write(session_.get()) == 0 && no_more() && farewell_.parted();
}

// No more requests, and no answers.
bool http2_codec::no_more() const {
  const bool over = failed_ || (input_over_ && open_.empty());
  return over || nghttp2_session_want_read(session_.get()) == 0;
}

std::size_t http2_codec::held_bytes() const {
  // What a connection is made of is bounded by their number.
  return std::max(memory_.bytes(), idle_bytes_) - idle_bytes_ + open_.held_bytes();
}

http2::stream* http2_codec::find(std::int32_t id) const {
  return static_cast<stream*>(nghttp2_session_get_stream_user_data(session_.get(), id));
}

void http2_codec::on_request(std::int32_t id) {
  check(nghttp2_session_set_stream_user_data(session_.get(), id, &open_.open(id)));
}

void http2_codec::on_field(std::int32_t id, std::string_view name, std::string_view value) {
  stream* const to = find(id);
  if (to == nullptr) return;
  to->add_field(name, value, bounds_.header_bytes);
  if (to->header_list_bytes() > bounds_.header_bytes + http2::header_flood)
    fail(NGHTTP2_ENHANCE_YOUR_CALM);
}

void http2_codec::on_closed(std::int32_t id) {
  stream* const closed = find(id);
  if (closed == nullptr) return;
  if (closed->queued) std::erase(ready_, closed);
  if (given_ == closed) given_ = nullptr;
  if (!closed->paced) unsent_ -= closed->unsent();
  open_.close(*closed);
}

void http2_codec::on_frame(const nghttp2_frame& frame) {
  const bool is_ack = (frame.hd.flags & NGHTTP2_FLAG_ACK) != 0;
  if (frame.hd.type == NGHTTP2_PING && is_ack) return check(farewell_.on_pong(session_.get()));
  if (frame.hd.type == NGHTTP2_RST_STREAM) return count_reset();
  if (frame.hd.type != NGHTTP2_HEADERS && frame.hd.type != NGHTTP2_DATA) return;
  stream* const to = find(frame.hd.stream_id);
  if (to == nullptr) return;
  const bool ends = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
  const bool is_request =
      frame.hd.type == NGHTTP2_HEADERS && frame.headers.cat == NGHTTP2_HCAT_REQUEST;
  if (is_request) return on_header_end(*to, ends);
  if (ends) return on_end(*to);
  // Padding uses the window up as a body does, and is not kept.
  if (frame.hd.type == NGHTTP2_DATA && frame.data.padlen > 0) open_window(*to);
}

void http2_codec::on_header_end(stream& to, bool ends) {
  to.end_header(hosts_);
  to.incoming.begun = now_;
  to.streaming = is_streaming_(to.incoming.target);
  to.ended = ends;
  const bool refused = to.incoming.refused.status != 0;
  if (to.expects_continue && !ends && !refused)
    check(http2::submit_continue(session_.get(), to.id()));
  if (ends || to.streaming || refused) queue(to);
}

void http2_codec::on_end(stream& to) {
  to.ended = true;
  queue(to);
}

void http2_codec::on_body(std::int32_t id, std::string_view bytes) {
  // The window of the connection is open always: what is kept is bounded by those of its streams.
  check(nghttp2_session_consume_connection(session_.get(), bytes.size()));
  stream* const to = find(id);
  if (to == nullptr || to->taken || to->incoming.refused.status != 0) return;
  const std::size_t most = to->streaming ? http2::stream_window(bounds_) : bounds_.body_bytes;
  if (!to->add_body(bytes, most)) return refuse(*to, {413, 3, "the request body is too large"});
  if (to->streaming) queue(*to);
}

void http2_codec::on_sent(const nghttp2_frame& frame) {
  if (frame.hd.type == NGHTTP2_GOAWAY)
    return check(farewell_.on_goaway(session_.get(), frame.goaway));
  if (frame.hd.type == NGHTTP2_RST_STREAM && is_for_a_fault(frame.rst_stream.error_code))
    return count_reset();
  if (frame.hd.type != NGHTTP2_HEADERS && frame.hd.type != NGHTTP2_DATA) return;
  if ((frame.hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return;
  // An answer that ended before its request: the rest of that is of no use (RFC 9113, section 8.1).
  const stream* const to = find(frame.hd.stream_id);
  if (to != nullptr && !to->ended)
    check(nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, to->id(), NGHTTP2_NO_ERROR));
}

void http2_codec::count_reset() {
  if (!resets_.take(now_)) fail(NGHTTP2_ENHANCE_YOUR_CALM);
}

void http2_codec::queue(stream& ready) {
  if (ready.queued || ready.taken) return;
  ready.queued = true;
  ready_.push_back(&ready);
}

void http2_codec::refuse(stream& bad, const refusal& why) {
  bad.refuse(why);
  queue(bad);
}

void http2_codec::check(int outcome) {
  if (outcome != 0) fail(NGHTTP2_INTERNAL_ERROR);
}

// Says so and reads no more.
void http2_codec::fail(std::uint32_t code) {
  if (std::exchange(failed_, true)) return;
  farewell_.set_parted();
  if (nghttp2_session_terminate_session(session_.get(), code) != 0) mute_ = true;
}

}  // namespace factord::protocol
