#include "server/protocol/make_codec.hpp"

#include <array>

#include "server/protocol/http1/codec.hpp"
#include "server/protocol/http2/codec.hpp"
#include "server/protocol/router.hpp"
#include "server/protocol/wire/codec_kind.hpp"
#include "storage/base/enum_table.hpp"

namespace factord::protocol {
namespace {

using codec_maker = std::unique_ptr<codec> (*)(const limits& bounds, const date_clock& date,
                                               host_rule hosts);

struct codec_maker_row {
  http_version version;
  codec_maker make;
};

// By version.
constexpr auto codec_makers = std::to_array<codec_maker_row>({
    {http_version::http1,
     [](const limits& bounds, const date_clock& date, host_rule hosts) -> std::unique_ptr<codec> {
       return std::make_unique<http1_codec>(bounds, date, hosts, is_bulk);
     }},
    {http_version::http2,
     [](const limits& bounds, const date_clock& date, host_rule hosts) -> std::unique_ptr<codec> {
       return std::make_unique<http2_codec>(bounds, date, is_streaming, hosts);
     }},
});
static_assert(has_each_in_order(codec_makers, &codec_maker_row::version));
static_assert(codec_kinds.size() == codec_makers.size());

}  // namespace

std::unique_ptr<codec> make_codec(http_version version, const limits& bounds,
                                  const date_clock& date, host_rule hosts) {
  return codec_makers[static_cast<std::size_t>(version)].make(bounds, date, hosts);
}

}  // namespace factord::protocol
