#include <sys/epoll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <memory>
#include <system_error>
#include <vector>

#include "bench/redis_load/connection.hpp"
#include "storage/base/id_range.hpp"
#include "tools/common/scatter.hpp"

namespace {

using factord::bench::redis_connection;
using factord::bench::redis_tally;
using clock_type = redis_connection::clock;

struct options {
  std::uint16_t port = 0;
  std::string script;
  std::uint64_t users = 0;
  std::string first_id = "100000000000000001";
  std::size_t connections = 64;
  std::size_t pipeline = 1;
  unsigned seconds = 10;
};

/// EVALSHA of the script with the next id, in the order of factorload.
class removals {
 public:
  explicit removals(const options& with)
      : ids_(factord::id_range::make(with.first_id, with.users).value()),
        order_(with.users),
        head_("*4\r\n$7\r\nEVALSHA\r\n$" + std::to_string(with.script.size()) + "\r\n" +
              with.script + "\r\n$1\r\n0\r\n$") {}

  bool append(std::string& out) {
    if (position_ == order_.size()) return false;
    id_.clear();
    ids_.append(id_, order_.at(position_++));
    out.append(head_).append(std::to_string(id_.size())).append("\r\n");
    out.append(id_).append("\r\n");
    return true;
  }

 private:
  factord::id_range ids_;
  factord::tools::scatter order_;
  std::string head_;
  std::uint64_t position_ = 0;
  std::string id_;
};

/// Readiness of many connections.
class poller {
 public:
  poller() : fd_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
  }
  ~poller() { ::close(fd_); }
  poller(const poller&) = delete;
  poller& operator=(const poller&) = delete;

  void add(redis_connection& connection) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &connection;
    if (::epoll_ctl(fd_, EPOLL_CTL_ADD, connection.fd(), &event) != 0)
      throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }

  /// Calls `handle(connection)` for each that has something to read.
  template <class Handle>
  void wait(Handle handle) {
    const int ready = ::epoll_wait(fd_, events_.data(), static_cast<int>(events_.size()), -1);
    if (ready < 0 && errno != EINTR)
      throw std::system_error(errno, std::generic_category(), "epoll_wait");
    for (int i = 0; i < ready; ++i)
      handle(*static_cast<redis_connection*>(events_[static_cast<std::size_t>(i)].data.ptr));
  }

 private:
  int fd_;
  std::array<epoll_event, 128> events_;
};

/// A closed loop for so many seconds, or until every id was used; then waits for the last answer.
double run(const options& with, redis_tally& counts) {
  removals requests{with};
  poller readiness;
  std::vector<std::unique_ptr<redis_connection>> connections;
  for (std::size_t i = 0; i < with.connections; ++i) {
    connections.push_back(std::make_unique<redis_connection>(with.port));
    readiness.add(*connections.back());
  }
  const auto start = clock_type::now();
  const auto end = start + std::chrono::seconds{with.seconds};
  const redis_connection::source next = [&](std::string& out) { return requests.append(out); };
  std::uint64_t under_way = 0;
  for (const auto& connection : connections) {
    connection->ask(next, with.pipeline);
    under_way += connection->under_way();
  }
  while (under_way > 0) {
    readiness.wait([&](redis_connection& connection) {
      under_way -= connection.under_way();
      connection.receive(counts);
      if (clock_type::now() < end) connection.ask(next, with.pipeline);
      under_way += connection.under_way();
    });
  }
  return std::chrono::duration<double>(clock_type::now() - start).count();
}

void print(const redis_tally& counts, double seconds) {
  const auto micros = [&counts](double share) { return counts.latency.percentile(share).count(); };
  const boost::json::object figures{
      {"seconds", seconds},
      {"answers", counts.answers()},
      {"removed", counts.removed},
      {"absent", counts.absent},
      {"errors", counts.errors},
      {"latencyMicros", {{"p50", micros(0.5)}, {"p99", micros(0.99)}, {"p99.9", micros(0.999)}}}};
  std::printf("%s\n", boost::json::serialize(figures).c_str());
}

}  // namespace

int main(int argc, char** argv) {
  options with;
  CLI::App app{
      "Removes factors from a Redis by a script, each id once, and prints figures as JSON."};
  app.add_option("--port", with.port, "Of the Redis on 127.0.0.1")->required();
  app.add_option("--script", with.script, "SHA-1 of a loaded script: id in, 0 or a number out")
      ->required();
  app.add_option("--users", with.users, "How many ids there are")->required();
  app.add_option("--first-id", with.first_id, "The ids count up from this number");
  app.add_option("--connections", with.connections)->check(CLI::PositiveNumber);
  app.add_option("--pipeline", with.pipeline, "Requests under way on each connection")
      ->check(CLI::PositiveNumber);
  app.add_option("--seconds", with.seconds);
  CLI11_PARSE(app, argc, argv);
  try {
    redis_tally counts;
    const double seconds = run(with, counts);
    print(counts, seconds);
    return counts.errors == 0 ? 0 : 1;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "redis_load: %s\n", failure.what());
    return 1;
  }
}
