#pragma once

#include <boost/asio/generic/stream_protocol.hpp>

namespace factord::net {

/// A connected socket, TCP or Unix.
using stream_socket = boost::asio::generic::stream_protocol::socket;

}  // namespace factord::net
