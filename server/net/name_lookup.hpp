#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "storage/base/error.hpp"

namespace factord::net {

/// Finds the addresses of a name as the system does, but within a time: getaddrinfo knows none, so
/// each question is asked on a thread of its own, which is left behind where it takes longer. Of
/// one name no more than one is asked at once, and of all names few. One thread.
class name_lookup {
 public:
  using addresses = std::vector<boost::asio::ip::address>;
  using resolver = std::function<result<addresses>(const std::string& host)>;

  /// Asks the system.
  name_lookup();
  /// Asks another, on threads that may outlive this. An answer that came too late is good for
  /// whoever asks for that name within this time: who is always slow is heard in the end.
  explicit name_lookup(resolver by, std::chrono::milliseconds late_good_for = late_usual);

  /// In the order in which to try them; never none. errc::unavailable where there are none, not by
  /// `deadline`, or once `is_over`, which is asked every 100 ms.
  [[nodiscard]] result<addresses> find(const std::string& host,
                                       std::chrono::steady_clock::time_point deadline,
                                       const std::function<bool()>& is_over);

 private:
  struct question;
  static constexpr std::chrono::seconds late_usual{60};

  [[nodiscard]] std::shared_ptr<question> ask(const std::string& host);

  const resolver resolve_;
  const std::chrono::milliseconds late_good_for_;
  /// By name, those that were not answered yet when somebody last looked.
  std::map<std::string, std::shared_ptr<question>> open_;
};

}  // namespace factord::net
