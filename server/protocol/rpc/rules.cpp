#include "server/protocol/rpc/rules.hpp"

#include <array>

#include "server/protocol/rpc/ending.hpp"
#include "storage/base/check.hpp"

namespace factord::protocol {
namespace {

// Unlike that of HTTP these fields hold one name, in lower case.
content_coding find_one_coding(std::string_view value) {
  if (value.empty() || value == "identity") return content_coding::identity;
  return value == "gzip" ? content_coding::gzip : content_coding::unknown;
}

// In the order of rpc_protocol, from grpc on.
constexpr std::array table{
    rpc_rules{.timeout = field::grpc_timeout,
              .compression = field::grpc_encoding,
              .find_coding = find_one_coding,
              .accepted = "grpc-accept-encoding",
              .versioned = false,
              .append_end = append_grpc_end},
    rpc_rules{.timeout = field::grpc_timeout,
              .compression = field::grpc_encoding,
              .find_coding = find_one_coding,
              .accepted = "grpc-accept-encoding",
              .versioned = false,
              .append_end = append_grpc_web_end},
    rpc_rules{.timeout = field::connect_timeout_ms,
              .compression = field::content_encoding,
              .find_coding = find_content_coding,
              .accepted = "accept-encoding",
              .versioned = true,
              .append_end = nullptr},
    rpc_rules{.timeout = field::connect_timeout_ms,
              .compression = field::connect_content_encoding,
              .find_coding = find_one_coding,
              .accepted = "connect-accept-encoding",
              .versioned = true,
              .append_end = append_connect_end},
};

constexpr std::size_t row_of(rpc_protocol which) {
  return static_cast<std::size_t>(which) - static_cast<std::size_t>(rpc_protocol::grpc);
}

static_assert(row_of(rpc_protocol::connect_stream) + 1 == table.size());

}  // namespace

const rpc_rules& rules_of(rpc_form form) noexcept {
  const std::size_t row = row_of(traits(form).protocol);
  FACTORD_CHECK(row < table.size());
  return table[row];
}

}  // namespace factord::protocol
