#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <exception>

namespace factord::net {

/// Runs a context until it is stopped or has nothing more to do. What a handler throws ends that;
/// of several at once, which Asio throws as one that says of none what it was, the first.
inline void run_events(boost::asio::io_context& context) {
  try {
    context.run();
  } catch (const boost::asio::multiple_exceptions& several) {
    std::rethrow_exception(several.first_exception());
  }
}

}  // namespace factord::net
