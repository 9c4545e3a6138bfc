#include "server/protocol/session.hpp"

#include "server/protocol/make_codec.hpp"
#include "server/protocol/router.hpp"
#include "server/protocol/wire/codec_kind.hpp"
#include "server/protocol/wire/trace_context.hpp"
#include "storage/base/canary.hpp"
#include "storage/base/check.hpp"

namespace factord::protocol {
namespace {

// The answer being written, with memory that is kept. An answer is written and copied into the
// codec's output in one go, so one per thread is enough.
thread_local response scratch;

// Of the preface: HTTP/1.1 may see this much, which is a header without its end.
constexpr std::size_t preface_undecided = http2_preface.find("\r\n\r\n") + 3;

bool is_bulk_of_calls(service::operation op) {
  return service::traits(op).kind == service::operation_kind::bulk;
}

response& clean_response() {
  scratch.clear();
  return scratch;
}

}  // namespace

session::session(const session_environment& environment, surface routes, service::ticket ticket,
                 host_rule hosts)
    : environment_(environment),
      surface_(routes),
      ticket_(ticket),
      hosts_(routes == surface::admin ? host_rule::anything : hosts),
      codec_(make_codec(codec_kinds.back().version, environment.bounds, environment.date, hosts_)),
      detecting_(routes == surface::api),
      watches_(environment.bounds),
      bulks_(environment) {}

session::~session() {
  for (service::call* const one : streams_.resting()) drop(*one);
  for (service::call* const one : bulks_.resting()) drop(*one);
}

// The rest of its answer has nowhere to go.
void session::drop(service::call& rested) noexcept {
  if (rested.line == 0) {
    rested.out.code = service::status_code::cancelled;
    rested.answered_at = now_;
    if (environment_.log != nullptr) environment_.log->note_unheard(rested);
    tell(environment_.tracer, rested);
  }
  environment_.calls.release(rested);
}

// What it began with speaks to whoever says nothing.
void session::agree_on(http_version version) {
  detecting_ = false;
  if (version == codec_kinds.back().version) return;
  codec_ = make_codec(version, environment_.bounds, environment_.date, hosts_);
  codec_->set_time(now_);
  if (draining_) codec_->drain();
}

void session::drain() {
  draining_ = true;
  end_watches();
  bulks_.drain();
  codec_->drain();
}

// Half of a connection is no use to a watch or a stream, which would keep it.
void session::end_of_input() {
  input_ended_ = true;
  end_watches();
  bulks_.end_of_input();
  codec_->end_of_input();
}

void session::set_time(codec::time_point now) {
  now_ = now;
  codec_->set_time(now);
}

void session::sweep(codec::time_point now, bool reading) {
  watches_.tell(environment_.interface.state(), *codec_);
  streams_.sweep(now, *codec_, [](const service::call& of, response& out) { api::pause(of, out); });
  bulks_.sweep(now);
  // Nobody is late who waits for answers to what was sent.
  codec_->sweep(now, reading && (codec_->independent() || !bulks_.busy()));
}

void session::end_watches() { watches_.end(environment_.interface.state(), *codec_); }

// Returns what the codec may see. As long as it could be the preface, HTTP/1.1 takes nothing of it
// and knows that a header has begun, which has its deadline.
std::string_view session::detect(std::string_view input) {
  const auto version = recognize_codec(input);
  if (!version) return input.substr(0, preface_undecided);
  agree_on(*version);
  return input;
}

std::size_t session::receive(std::string_view input) {
  if (detecting_) input = detect(input);
  std::size_t taken = 0;
  while (wants_input()) {
    const std::size_t step = codec_->receive(input.substr(taken));
    taken += step;
    request* incoming = codec_->next();
    if (incoming == nullptr) break;
    run(*incoming);
  }
  return taken;
}

void session::run(request& incoming) {
  if (bulks_.take_part(incoming)) return;
  find_route(surface_, incoming, match_);
  identify(incoming);
  if (incoming.refused.status != 0) {
    response& out = clean_response();
    environment_.interface.refuse(match_, incoming, out);
    return respond(incoming, out);
  }
  if (match_.to == destination::watch) return watch(incoming);
  if (match_.to != destination::operation) {
    response& out = clean_response();
    if (environment_.interface.answer(match_, incoming, out)) respond(incoming, out);
    return;
  }
  asked_at_ = now_;
  if (must_wait(match_.op)) {
    held_ = &incoming;
    return;
  }
  start(incoming);
}

void session::identify(const request& incoming) {
  if (environment_.names != nullptr)
    environment_.names->name(incoming.value(field::x_request_id), context_.name);
  read_trace(incoming.value(field::traceparent), incoming.value(field::tracestate), context_.trace,
             context_.trace_state);
}

// What is no call.
void session::respond(const request& incoming, response& out) {
  out.request_name = context_.name.text();
  codec_->respond(incoming.id, out);
  if (environment_.log != nullptr) environment_.log->note(incoming, context_, surface_, out);
}

void session::watch(request& incoming) {
  response& out = clean_response();
  health_watch begun;
  environment_.interface.watch(match_, incoming, begun, out);
  respond(incoming, out);
  if (!out.more) return;
  watches_.keep(begun, *codec_);
  if (draining_) end_watches();
}

// Effects in request order. The commit queue keeps that of the writes, once they are in it. Where
// the engine answers reads at once, a read is never in flight here and a write at once in there.
bool session::must_wait(service::operation op) const {
  if (codec_->independent() || planted(canary::read_overtakes)) return false;
  if (!bulks_.empty()) return true;
  const std::size_t reads_in_flight = in_flight_ - writes_in_flight_;
  if (!service::traits(op).writes() && !is_bulk_of_calls(op)) return writes_in_flight_ > 0;
  return reads_in_flight > 0 || (writes_to_submit_ > 0 && !planted(canary::write_overtakes));
}

void session::start(request& incoming) {
  service::call& pending = environment_.calls.acquire();
  pending.way_back = ticket_;
  pending.request_id = incoming.id;
  pending.asked_at = asked_at_;
  pending.context = context_;
  pending.bytes_in = incoming.body.size();
  if (environment_.tracer != nullptr) environment_.tracer->begin(pending);
  environment_.interface.read(match_, incoming, surface_, pending);
  if (is_bulk_of_calls(pending.op)) bulks_.open(pending, incoming);
  ++in_flight_;
  const bool writes = service::traits(pending.op).writes();
  if (writes) ++writes_in_flight_;
  if (environment_.users.start(pending) && writes) ++writes_to_submit_;
}

void session::complete(service::call& done) {
  FACTORD_CHECK(done.way_back == ticket_ && in_flight_ > 0);
  if (done.line != 0) return bulks_.complete(done);
  response& out = clean_response();
  out.request_name = done.context.name.text();
  environment_.interface.write(done, out);
  codec_->respond(done.request_id, out);
  done.bytes_out += out.body.size();
  if (!out.more) return finish(done);
  if (is_bulk_of_calls(done.op)) return bulks_.admit(done);
  done.out.drop_lists();
  streams_.rest(done, now_);
}

void session::finish(service::call& done) {
  if (environment_.log != nullptr) environment_.log->note(done, surface_);
  tell(environment_.tracer, done);
  --in_flight_;
  if (service::traits(done.op).writes()) {
    --writes_in_flight_;
    if (done.begun_later) --writes_to_submit_;
  }
  if (done.begun) streams_.forget(done);
  if (is_bulk_of_calls(done.op)) bulks_.forget(done);
  environment_.calls.release(done);
  start_held();
}

bool session::awaits(const service::call& pending) const {
  return codec_->awaits(pending.request_id) && !(input_ended_ && pending.in.follow);
}

bool session::resume_streams() {
  bool any = bulks_.go_on(*codec_);
  while (service::call* const head = bulks_.take_over()) {
    any = true;
    head->answered_at = now_;
    finish(*head);
  }
  while (service::call* const next = streams_.take(*codec_, input_ended_)) {
    any = true;
    if (awaits(*next)) {
      environment_.users.go_on(*next);
    } else {
      end_stream(*next);
    }
  }
  return any;
}

// Nobody reads it any more.
void session::end_stream(service::call& gone) {
  gone.out.clear();
  gone.out.fail(service::status_code::cancelled, {}, "the connection is gone");
  gone.answered_at = now_;
  gone.begun = true;
  complete(gone);
}

void session::submitted(service::call& begun) {
  FACTORD_CHECK(begun.way_back == ticket_ && begun.begun_later);
  if (begun.line != 0) return bulks_.submitted(begun);
  FACTORD_CHECK(writes_to_submit_ > 0);
  begun.begun_later = false;
  --writes_to_submit_;
  start_held();
}

void session::start_held() {
  if (held_ == nullptr || must_wait(match_.op)) return;
  request& waiting = *held_;
  held_ = nullptr;
  start(waiting);
}

bool session::wants_input() const {
  if (held_ != nullptr) return false;
  if (planted(canary::two_truths_of_input) || planted(canary::replay_input))
    return in_flight_ < environment_.bounds.pipelined_requests && !codec_->finished();
  // Calls of streams that were reset since are nothing that the codec knows of. Of those that it
  // knows, which may last, there are as many as may be.
  const bool crowded = codec_->independent() && in_flight_ > environment_.bounds.http2_streams;
  return !crowded && codec_->wants_input();
}

bool session::finished() const { return codec_->finished() && held_ == nullptr && in_flight_ == 0; }

}  // namespace factord::protocol
