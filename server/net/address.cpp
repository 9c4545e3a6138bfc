#include "server/net/address.hpp"

#include <grp.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address_v4.hpp>
#include <cerrno>
#include <charconv>
#include <span>
#include <utility>
#include <vector>

#include "storage/base/ascii.hpp"

namespace factord::net {
namespace {

constexpr mode_t usual_mode = S_IRUSR | S_IWUSR;
constexpr mode_t widest_mode = S_IRWXU | S_IRWXG | S_IRWXO;

error bad(std::string_view text) {
  return {errc::bad_argument,
          "'" + std::string(text) +
              "' is no address to listen on: HOST:PORT with an IP address, "
              "[IPV6]:PORT, fd:NAME, one of these behind plain:, or unix:PATH is "
              "needed"};
}

error bad_option(const std::string& message) { return {errc::bad_argument, message}; }

// A name that this machine knows, or a number: a container has no names for its groups.
std::optional<gid_t> find_group(const std::string& name) {
  if (std::ranges::all_of(name, is_digit)) {
    gid_t number = 0;
    const auto read = std::from_chars(name.data(), name.data() + name.size(), number);
    const bool none = read.ec != std::errc{} || number == static_cast<gid_t>(-1);
    return none ? std::nullopt : std::optional{number};
  }
  std::vector<char> room(1U << 10U);
  group entry{};
  group* found = nullptr;
  while (::getgrnam_r(name.c_str(), &entry, room.data(), room.size(), &found) == ERANGE)
    room.resize(2 * room.size());
  return found == nullptr ? std::nullopt : std::optional{found->gr_gid};
}

result<void> set_mode(std::string_view text, listen_address& out) {
  mode_t mode = 0;
  const auto [end, failure] = std::from_chars(text.begin(), text.end(), mode, 8);
  const bool octal = failure == std::errc{} && end == text.end();
  if (!octal || mode > widest_mode || (mode & usual_mode) != usual_mode) {
    return bad_option("mode=" + std::string(text) +
                      ": an octal number from 0600 to 0777 that lets the owner in is needed");
  }
  out.mode = mode;
  return {};
}

result<void> set_group(std::string_view text, listen_address& out) {
  out.group_name = text;
  if (text.empty()) return bad_option("group= is empty: the name of a group is needed");
  out.group = find_group(out.group_name);
  if (!out.group) return bad_option("there is no group " + out.group_name + " on this machine");
  return {};
}

struct socket_option {
  std::string_view name;
  result<void> (*set)(std::string_view text, listen_address& out);
  bool given = false;
};

result<void> set_option(std::string_view text, std::span<socket_option> known,
                        listen_address& out) {
  const std::size_t equals = std::min(text.find('='), text.size());
  const std::string_view name = text.substr(0, equals);
  const auto found = std::ranges::find(known, name, &socket_option::name);
  if (found == known.end() || equals == text.size()) {
    return bad_option("'" + std::string(text) +
                      "' is no option of a Unix socket: mode=0660 and group=NAME are, and its "
                      "path holds no comma");
  }
  if (std::exchange(found->given, true)) return bad_option(std::string(name) + "= is there twice");
  return found->set(text.substr(equals + 1), out);
}

// What stands behind "unix:".
result<listen_address> parse_unix_address(std::string_view whole, std::string_view text) {
  listen_address address;
  std::size_t comma = std::min(text.find(','), text.size());
  address.path = text.substr(0, comma);
  if (address.path.empty() || address.path.find('\0') != std::string::npos) return bad(whole);
  std::array<socket_option, 2> options{{{"mode", set_mode}, {"group", set_group}}};
  while (comma < text.size()) {
    text.remove_prefix(comma + 1);
    comma = std::min(text.find(','), text.size());
    if (const auto set = set_option(text.substr(0, comma), options, address); !set)
      return set.error();
  }
  return address;
}

std::string octal_text(mode_t mode) {
  std::array<char, 8> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), mode, 8);
  return "0" + std::string(digits.data(), written.ptr);
}

}  // namespace

result<listen_address> parse_listen_address(std::string_view text) {
  constexpr std::string_view unix_prefix = "unix:";
  if (text.starts_with(unix_prefix))
    return parse_unix_address(text, text.substr(unix_prefix.size()));

  listen_address address;
  const std::string_view whole = text;
  constexpr std::string_view plain_prefix = "plain:";
  address.plain = text.starts_with(plain_prefix);
  if (address.plain) text.remove_prefix(plain_prefix.size());
  constexpr std::string_view passed_prefix = "fd:";
  if (text.starts_with(passed_prefix)) {
    address.passed = text.substr(passed_prefix.size());
    if (address.passed.empty() || address.passed.find('\0') != std::string::npos) return bad(whole);
    return address;
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad(whole);
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  const auto [end, failure] = std::from_chars(port.begin(), port.end(), address.port);
  if (failure != std::errc{} || end != port.end() || port.empty()) return bad(whole);

  if (host == "localhost") host = "127.0.0.1";
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  boost::system::error_code not_ip;
  address.ip = boost::asio::ip::make_address(std::string(host), not_ip);
  // Without brackets the last colon of an IPv6 address would be taken for the port's.
  if (not_ip || address.ip.is_v6() != bracketed) return bad(whole);
  return address;
}

std::string to_text(const listen_address& address) {
  if (address.is_unix()) return "unix:" + address.path;
  if (!address.passed.empty()) return "fd:" + address.passed;
  const std::string host = address.ip.to_string();
  const std::string port = std::to_string(address.port);
  return address.ip.is_v6() ? "[" + host + "]:" + port : host + ":" + port;
}

std::string to_setting(const listen_address& address) {
  std::string text = (address.plain && !address.is_unix() ? "plain:" : "") + to_text(address);
  if (address.mode != usual_mode) text += ",mode=" + octal_text(address.mode);
  if (address.group) text += ",group=" + address.group_name;
  return text;
}

}  // namespace factord::net
