#include "tools/factorload/worker.hpp"

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "storage/base/check.hpp"

namespace factord::load {
namespace {

// How long outstanding answers are waited for once nothing more is asked.
constexpr std::chrono::seconds patience{30};
// The loop looks at its clock this often even if nothing happens.
constexpr int wait_ms_max = 100;

// Rings once, at `at`, in the epoll set that the descriptor is in. Edge-triggered there, so that it
// need not be read.
void set_alarm(int fd, std::chrono::steady_clock::time_point at) {
  const auto since_boot = at.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since_boot);
  itimerspec when{};
  when.it_value.tv_sec = seconds.count();
  when.it_value.tv_nsec = std::chrono::nanoseconds{since_boot - seconds}.count();
  FACTORD_CHECK(::timerfd_settime(fd, TFD_TIMER_ABSTIME, &when, nullptr) == 0);
}

}  // namespace

struct worker::connection {
  connection(std::unique_ptr<exchange> by, request_source& requests)
      : talk(std::move(by)), source(requests) {}

  link line;
  std::unique_ptr<exchange> talk;
  request_source& source;
  bool waits_to_write = false;
  bool listed_free = false;
};

worker::worker(const load_options& options, const tls_client* tls,
               const exchange_maker& make_exchange, std::uint64_t index,
               const std::atomic<bool>& stop)
    : options_(options),
      tls_(tls),
      index_(index),
      stop_(stop),
      open_loop_(options.rate > 0),
      pace_({}, std::max<std::uint64_t>(options.rate, 1), index, options.threads) {
  const tools::scatter order{options.ids->size()};
  // Connection number c of all belongs to thread c mod threads.
  const std::uint64_t mine = (options.connections - index + options.threads - 1) / options.threads;
  const bool shared = options.mode == load_mode::remove;
  sources_.reserve(shared ? 1 : mine);  // connections keep references
  if (shared) sources_.emplace_back(options.mode, order, index, options.threads);
  for (std::uint64_t i = 0; i < mine; ++i) {
    if (!shared) {
      const std::uint64_t number = index + i * options.threads;
      sources_.emplace_back(options.mode, order, number, options.connections);
    }
    connections_.push_back(std::make_unique<connection>(make_exchange(), sources_.back()));
  }
}

worker::~worker() {
  if (alarm_ >= 0) ::close(alarm_);
  if (epoll_ >= 0) ::close(epoll_);
}

result<void> worker::connect() {
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  alarm_ = ::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
  if (epoll_ < 0 || alarm_ < 0) return error{errc::unavailable, "out of file descriptors"};
  epoll_event ring{};
  ring.events = EPOLLIN | EPOLLET;
  FACTORD_CHECK(::epoll_ctl(epoll_, EPOLL_CTL_ADD, alarm_, &ring) == 0);
  for (const auto& peer : connections_) {
    result<link> line = link::connect(options_.server, tls_);
    if (!line) return line.error();
    peer->line = std::move(*line);
    watch(*peer, EPOLL_CTL_ADD, false);
  }
  live_ = connections_.size();
  return {};
}

void worker::run(clock::time_point start) {
  end_ = options_.duration_seconds == 0 ? clock::time_point::max()
                                        : start + std::chrono::seconds{options_.duration_seconds};
  last_answer_ = start;
  pace_ = pacer{start, std::max<std::uint64_t>(options_.rate, 1), index_, options_.threads};
  for (const auto& peer : connections_) open_loop_ ? list_free(*peer) : fill(*peer, clock::now());

  for (auto now = clock::now();; now = clock::now()) {
    if (!lost_.empty()) reconnect_lost(now);
    if (open_loop_) ask_due(now);
    if (finished(now)) break;
    wait_and_serve(now);
    answers_shown_.store(counts_.answers, std::memory_order_relaxed);
  }

  // What is still outstanding will never be known.
  for (const auto& peer : connections_) counts_.unanswered += peer->talk->under_way();
  if (open_loop_ && !used_up_) count_unsent(clock::now());
}

// Closed loop: as many as the connection may have under way.
void worker::fill(connection& peer, clock::time_point now) {
  if (!asking(now)) return;
  while (peer.talk->has_room() && ask_one(peer, now)) {
  }
  send_output(peer);
}

// Open loop: everything that is due, as far as connections have room. The rest stays due.
void worker::ask_due(clock::time_point now) {
  while (asking(now) && pace_.due(next_due_) <= now && !free_.empty()) {
    connection& peer = *free_.front();
    free_.pop_front();
    peer.listed_free = false;
    if (!peer.line.open()) continue;
    if (!ask_one(peer, pace_.due(next_due_))) return;
    ++next_due_;
    send_output(peer);
    list_free(peer);
  }
}

bool worker::ask_one(connection& peer, clock::time_point started) {
  const auto next = peer.source.next();
  if (!next) {
    used_up_ = true;
    return false;
  }
  peer.talk->ask(*next, started);
  ++counts_.sent;
  return true;
}

void worker::list_free(connection& peer) {
  if (peer.listed_free || !peer.line.open() || !peer.talk->has_room()) return;
  peer.listed_free = true;
  free_.push_back(&peer);
}

bool worker::asking(clock::time_point now) {
  const auto next = open_loop_ ? pace_.due(next_due_) : now;
  const bool more = !used_up_ && live_ > 0 && next < end_ && !stop_.load(std::memory_order_relaxed);
  if (!more) quiet_since_ = std::min(quiet_since_, now);
  return more;
}

bool worker::finished(clock::time_point now) {
  if (asking(now)) {
    // Due requests that no connection takes any more: an open loop must end all the same.
    return open_loop_ && end_ != clock::time_point::max() && now > end_ + patience;
  }
  const bool outstanding = counts_.sent > counts_.answers + counts_.unanswered;
  return !outstanding || now > quiet_since_ + patience;
}

void worker::count_unsent(clock::time_point now) {
  if (stop_.load(std::memory_order_relaxed)) return;
  for (; pace_.due(next_due_) < std::min(now, end_); ++next_due_) ++counts_.unsent;
}

void worker::wait_and_serve(clock::time_point now) {
  if (open_loop_ && !free_.empty() && asking(now)) {
    // Most rounds are answers that come before the next request is due: the alarm stands already.
    const auto next = pace_.due(next_due_);
    if (next != alarm_at_) set_alarm(alarm_, next);
    alarm_at_ = next;
  }
  std::array<epoll_event, 256> events;
  const int count =
      ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_ms_max);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    // The alarm has no connection; that it woke us is all it is for.
    if (event.data.ptr != nullptr) serve(*static_cast<connection*>(event.data.ptr), event.events);
  }
}

void worker::serve(connection& peer, std::uint32_t events) {
  if ((events & EPOLLOUT) != 0) send_output(peer);
  if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) receive(peer);
}

void worker::receive(connection& peer) {
  do {
    const auto [how, bytes] = peer.line.read(peer.talk->input_space());
    if (how == link::state::blocked) return;
    if (how == link::state::ended) return lose(peer);

    const auto now = clock::now();
    const std::uint64_t answers_before = counts_.answers;
    const auto state = peer.talk->received(bytes, now, counts_);
    if (counts_.answers > answers_before) last_answer_ = now;
    if (state == exchange::state::malformed) ++counts_.malformed;
    if (state != exchange::state::open) return lose(peer);
    if (open_loop_) {
      list_free(peer);
    } else {
      fill(peer, now);
    }
    // The socket does not become readable for what TLS holds back already.
  } while (peer.line.pending());
}

void worker::send_output(connection& peer) {
  bool blocked = false;
  while (!peer.talk->output().empty() && !blocked) {
    const auto [how, bytes] = peer.line.write(peer.talk->output());
    // A broken connection shows when it is read, after the answers that are still in it.
    if (how == link::state::ended) return;
    blocked = how == link::state::blocked;
    peer.talk->sent(bytes);
  }
  if (blocked != peer.waits_to_write) watch(peer, EPOLL_CTL_MOD, blocked);
}

void worker::watch(connection& peer, int how, bool writable) {
  epoll_event wanted{};
  wanted.events = EPOLLIN;
  if (writable) wanted.events |= EPOLLOUT;
  wanted.data.ptr = &peer;
  FACTORD_CHECK(::epoll_ctl(epoll_, how, peer.line.fd(), &wanted) == 0);
  peer.waits_to_write = writable;
}

void worker::lose(connection& peer) {
  counts_.unanswered += peer.talk->under_way();
  peer.talk->reset();
  peer.line.close();
  // Connected again from the loop, not from here: a server that closes at once would have us call
  // ourselves without end.
  lost_.push_back(&peer);
}

void worker::reconnect_lost(clock::time_point now) {
  for (connection* peer : std::exchange(lost_, {})) {
    result<link> line = asking(now) ? link::connect(options_.server, tls_)
                                    : error{errc::unavailable, "no longer needed"};
    if (!line) {
      if (asking(now)) ++counts_.failed_connects;
      --live_;
      continue;
    }
    ++counts_.reconnects;
    peer->line = std::move(*line);
    watch(*peer, EPOLL_CTL_ADD, false);
    open_loop_ ? list_free(*peer) : fill(*peer, now);
  }
}

}  // namespace factord::load
