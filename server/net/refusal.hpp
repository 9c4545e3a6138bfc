#pragma once

#include <chrono>
#include <string>

#include "server/net/executor.hpp"

namespace factord::net {

/// Answers 503 to a connection over the limit and closes it, once the other side has closed too or
/// `patience` is over.
awaitable<void> refuse_connection(stream_socket socket, std::string date,
                                  std::chrono::milliseconds patience);

}  // namespace factord::net
