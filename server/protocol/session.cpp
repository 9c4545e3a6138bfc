#include "server/protocol/session.hpp"

#include "server/protocol/http1_codec.hpp"
#include "storage/base/check.hpp"

namespace factord::protocol {
namespace {

// The answer being written, with memory that is kept. An answer is written and copied into the
// codec's output in one go, so one per thread is enough.
thread_local response scratch;

response& clean_response() {
  scratch.clear();
  return scratch;
}

}  // namespace

session::session(const session_environment& environment, surface routes, service::ticket ticket)
    : environment_(environment),
      surface_(routes),
      ticket_(ticket),
      codec_(std::make_unique<http1_codec>(environment.bounds, environment.date)) {}

session::~session() = default;

std::size_t session::receive(std::string_view input) {
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
  if (incoming.refused.status != 0) {
    response& out = clean_response();
    environment_.interface.refuse(incoming, out);
    return codec_->respond(incoming.id, out);
  }
  find_route(surface_, incoming.method, incoming.target, incoming.has(field::origin), match_);
  if (match_.to != destination::operation) {
    response& out = clean_response();
    environment_.interface.answer(match_, incoming, out);
    return codec_->respond(incoming.id, out);
  }
  if (must_wait(match_.op)) {
    held_ = &incoming;
    return;
  }
  start(incoming);
}

// Effects in request order. Writes need no wait among themselves: the commit queue keeps their
// order. Where the engine answers reads at once, a read is never in flight here.
bool session::must_wait(service::operation op) const {
  if (codec_->independent()) return false;
  const std::size_t reads_in_flight = in_flight_ - writes_in_flight_;
  return service::traits(op).writes ? reads_in_flight > 0 : writes_in_flight_ > 0;
}

void session::start(const request& incoming) {
  service::call& work = environment_.calls.acquire();
  work.way_back = ticket_;
  work.request_id = incoming.id;
  environment_.interface.read(match_, incoming, surface_, work);
  ++in_flight_;
  if (service::traits(work.op).writes) ++writes_in_flight_;
  environment_.users.start(work);
}

void session::complete(service::call& done) {
  FACTORD_CHECK(done.way_back == ticket_ && in_flight_ > 0);
  --in_flight_;
  if (service::traits(done.op).writes) --writes_in_flight_;
  response& out = clean_response();
  environment_.interface.write(done, out);
  codec_->respond(done.request_id, out);
  environment_.calls.release(done);
  if (held_ != nullptr && !must_wait(match_.op)) {
    const request& waiting = *held_;
    held_ = nullptr;
    start(waiting);
  }
}

bool session::wants_input() const {
  return held_ == nullptr && in_flight_ < environment_.bounds.pipelined_requests &&
         codec_->output().size() < environment_.bounds.output_bytes && !codec_->finished();
}

bool session::finished() const { return codec_->finished() && held_ == nullptr && in_flight_ == 0; }

}  // namespace factord::protocol
