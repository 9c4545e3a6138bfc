#pragma once

#include <array>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace factord::net::testing {

/// The other side of an HTTP client, on a port of its own: one connection after the other, each
/// request answered with the bytes that a function makes of its head, and then closed.
class http_peer {
 public:
  using tcp = boost::asio::ip::tcp;

  /// An answer that is "silence" is none, until the client ends the connection.
  explicit http_peer(std::function<std::string(const std::string& head)> answer)
      : answer_(std::move(answer)), thread_([this] { run(); }) {}
  ~http_peer() {
    ending_ = true;
    tcp::socket wake(context_);
    boost::system::error_code ignored;
    wake.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }
  http_peer(const http_peer&) = delete;
  http_peer& operator=(const http_peer&) = delete;

  [[nodiscard]] std::string url(const std::string& path, const std::string& host = "127.0.0.1") {
    return "http://" + host + ":" + std::to_string(acceptor_.local_endpoint().port()) + path;
  }
  [[nodiscard]] std::vector<std::string> heads() {
    const std::lock_guard lock{mutex_};
    return heads_;
  }

 private:
  void run() {
    while (!ending_) {
      tcp::socket peer(context_);
      boost::system::error_code failure;
      acceptor_.accept(peer, failure);
      if (failure || ending_) return;
      serve(peer);
    }
  }

  void serve(tcp::socket& peer) {
    std::string head;
    boost::system::error_code failure;
    boost::asio::read_until(peer, boost::asio::dynamic_buffer(head), "\r\n\r\n", failure);
    if (failure) return;
    {
      const std::lock_guard lock{mutex_};
      heads_.push_back(head);
    }
    const std::string answer = answer_(head);
    if (answer == "silence") {
      std::array<char, 1> byte{};
      peer.read_some(boost::asio::buffer(byte), failure);
      return;
    }
    boost::asio::write(peer, boost::asio::buffer(answer), failure);
  }

  const std::function<std::string(const std::string&)> answer_;
  boost::asio::io_context context_;
  tcp::acceptor acceptor_{context_, {boost::asio::ip::make_address("127.0.0.1"), 0}};
  std::mutex mutex_;
  std::vector<std::string> heads_;
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

/// An answer of 200 with this body.
[[nodiscard]] inline std::string http_ok(const std::string& body, const std::string& fields = "") {
  return "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

}  // namespace factord::net::testing
