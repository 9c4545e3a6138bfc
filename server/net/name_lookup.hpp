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

  /// In the order in which to try them; never none. errc::unavailable where there are none, not by
  /// `deadline`, or once `is_over`, which is asked every 100 ms.
  [[nodiscard]] result<addresses> find(const std::string& host,
                                       std::chrono::steady_clock::time_point deadline,
                                       const std::function<bool()>& is_over);

 private:
  struct question;

  [[nodiscard]] std::shared_ptr<question> ask(const std::string& host);

  /// By name, those that were not answered yet when somebody last looked.
  std::map<std::string, std::shared_ptr<question>> open_;
};

}  // namespace factord::net
