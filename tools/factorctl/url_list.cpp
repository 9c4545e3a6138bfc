#include "tools/factorctl/url_list.hpp"

#include "tools/common/number.hpp"
#include "tools/common/scatter.hpp"

namespace factord::ctl {
namespace {

constexpr std::uint64_t shards_max = 65'536;
constexpr std::size_t bytes_at_once = 1U << 16U;

}  // namespace

std::optional<shard> parse_shard(std::string_view text) noexcept {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto number = tools::parse_number(text.substr(0, slash));
  const auto count = tools::parse_number(text.substr(slash + 1));
  if (!number || !count || *number < 1 || *number > *count || *count > shards_max)
    return std::nullopt;
  return shard{*number - 1, *count};
}

void url_list::write(const std::function<bool(std::string_view lines)>& take) const {
  const tools::scatter scattered{ids.size()};
  std::string lines;
  for (std::uint64_t place = part.index; place < ids.size(); place += part.count) {
    lines += server;
    lines += "/v2/users/";
    ids.append(lines, order == url_order::scattered ? scattered.at(place) : place);
    lines += "/otp_email\n";
    if (lines.size() < bytes_at_once) continue;
    if (!take(lines)) return;
    lines.clear();
  }
  if (!lines.empty()) take(lines);
}

}  // namespace factord::ctl
