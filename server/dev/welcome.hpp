#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "server/net/address.hpp"

namespace factord::dev {

/// What the clients of a test server have to know, in one line of JSON, which is said once all of
/// its listeners are served. One thread.
class welcome {
 public:
  struct facts {
    std::filesystem::path admin_socket;
    std::string token;
    std::uint64_t users = 0;
    bool tls = false;           ///< on TCP listeners, but plain ones
    std::size_t listeners = 0;  ///< of both kinds
  };
  using sink = std::function<void(const std::string& line)>;

  welcome(facts known, sink say) : known_(std::move(known)), say_(std::move(say)) {}

  /// The next listener of the API is served.
  void serves(const net::listen_address& where);
  /// The next one for metrics and health is.
  void is_watched(const net::listen_address& where);

 private:
  void say_if_complete();
  [[nodiscard]] std::string line() const;
  void write(std::string& out) const;

  const facts known_;
  const sink say_;
  std::vector<std::string> urls_;
  std::vector<std::string> monitoring_;
};

}  // namespace factord::dev
