#include "server/config/setting_values.hpp"

#include <algorithm>

#include "server/net/collector_url.hpp"
#include "server/protocol/json/text.hpp"
#include "server/protocol/json/writer.hpp"
#include "server/service/text.hpp"
#include "storage/base/enum_table.hpp"

namespace factord::setting_values {
namespace {

result<void> set_id(std::string_view text, std::string& id) {
  if (!service::valid_id(text)) {
    return error{errc::bad_argument, "1 to 200 characters of UTF-8 without U+0000 are needed"};
  }
  id = text;
  return {};
}

}  // namespace

using protocol::append_json_array;
using protocol::append_json_string;

void show(const std::string& text, std::string& out) {
  if (!text.empty()) append_json_string(out, text);
}

void show(const std::filesystem::path& path, std::string& out) { show(path.string(), out); }

void show(std::size_t number, std::string& out) { out += std::to_string(number); }

void show(bool truth, std::string& out) { out += truth ? "true" : "false"; }

void show(milliseconds time, std::string& out) { show(config_values::to_text(time), out); }

void show(storage::durability mode, std::string& out) {
  append_json_string(out, storage::name(mode));
}

void show(log::level lowest, std::string& out) { append_json_string(out, log::name(lowest)); }

void show(access_level which, std::string& out) { append_json_string(out, name(which)); }

void show(const std::vector<std::string>& all, std::string& out) {
  append_json_array(out, all,
                    [](const std::string& one, std::string& to) { append_json_string(to, one); });
}

void show(const std::vector<net::listen_address>& all, std::string& out) {
  append_json_array(out, all, [](const net::listen_address& one, std::string& to) {
    append_json_string(to, net::to_setting(one));
  });
}

void show(service::role_set roles, std::string& out) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count_of<service::role>; ++i) {
    const auto which = static_cast<service::role>(i);
    if (roles.contains(which)) names.emplace_back(service::name(which));
  }
  show(names, out);
}

result<void> set_file(std::string_view text, std::string& file) {
  if (text.empty()) return error{errc::bad_argument, "a file is needed"};
  file = text;
  return {};
}

result<void> set_data_dir(config& out, std::string_view text) {
  if (text.empty()) return error{errc::bad_argument, "a directory is needed"};
  out.data_dir = text;
  return {};
}

result<void> set_store(config& out, std::string_view text) {
  auto place = storage::store_location::in_database(std::string{text});
  if (!place) return place.error();
  out.database = *std::move(place);
  return {};
}

result<void> set_require_standby(config& out, std::string_view text) {
  return put(config_values::truth(text), out.require_standby);
}

result<void> add_listen(config& out, std::string_view text) {
  auto address = net::parse_listen_address(text);
  if (!address) return address.error();
  out.listens.push_back(std::move(*address));
  return {};
}

// Never with TLS: no secret is there, and no token is sent.
result<void> add_admin_listen(config& out, std::string_view text) {
  auto address = net::parse_listen_address(text);
  if (!address) return address.error();
  address->plain = true;
  out.admin_listens.push_back(std::move(*address));
  return {};
}

// That goes without saying, then.
void show_admin_listens(const config& in, std::string& out) {
  auto all = in.admin_listens;
  for (net::listen_address& one : all) one.plain = false;
  show(all, out);
}

result<void> set_threads(config& out, std::string_view text) {
  return put(config_values::number(text, 1, 256), out.threads);
}

result<void> set_durability(config& out, std::string_view text) {
  using enum storage::durability;
  for (const auto mode : {disk, process, memory}) {
    if (text == storage::name(mode)) {
      out.mode = mode;
      return {};
    }
  }
  return error{errc::bad_argument, "disk or process is needed, or memory for factord dev"};
}

result<void> set_seed_users(config& out, std::string_view text) {
  return put(config_values::number(text, 0, 10'000'000), out.seed_users);
}

void show_seed_users(const config& in, std::string& out) {
  if (in.seed_users) show(static_cast<std::size_t>(*in.seed_users), out);
}

result<void> add_origin(config& out, std::string_view text) {
  auto origin = config_values::origin(text);
  if (!origin) return origin.error();
  out.cors_origins.push_back(std::move(*origin));
  return {};
}

result<void> set_token_file(config& out, std::string_view text) {
  return set_file(text, out.bootstrap.file);
}

result<void> set_bootstrap_user(config& out, std::string_view text) {
  return set_id(text, out.bootstrap.grant.user_id);
}

result<void> add_bootstrap_role(config& out, std::string_view text) {
  const auto role = service::find_role(text);
  if (!role) return error{errc::bad_argument, "IAM_OWNER or another role is needed"};
  out.bootstrap.grant.roles.add(*role);
  return {};
}

result<void> set_bootstrap_org(config& out, std::string_view text) {
  return set_id(text, out.bootstrap.grant.org);
}

result<void> set_log_level(config& out, std::string_view text) {
  const auto level = log::find_level(text);
  if (!level) return error{errc::bad_argument, "trace, debug, info, warn or error is needed"};
  out.log_level = *level;
  return {};
}

result<void> set_access_log(config& out, std::string_view text) {
  const auto found = std::ranges::find(access_level_names, text);
  if (found == access_level_names.end())
    return error{errc::bad_argument, "off, errors, slow or all is needed"};
  out.told.logged.level = static_cast<access_level>(found - access_level_names.begin());
  return {};
}

result<void> set_slow_request(config& out, std::string_view text) {
  return put(config_values::duration(text, 1ms, 24h), out.told.logged.slow);
}

result<void> set_otlp_endpoint(config& out, std::string_view text) {
  auto found = net::parse_collector_url(text);
  if (!found) return found.error();
  out.told.traced.collector = *std::move(found);
  out.told.traced.endpoint = text;
  return {};
}

result<void> set_trace_sample(config& out, std::string_view text) {
  return put(config_values::share(text), out.told.traced.sampled);
}

void show_trace_sample(const config& in, std::string& out) {
  out += config_values::share_text(in.told.traced.sampled);
}

result<void> set_trace_trust_remote(config& out, std::string_view text) {
  return put(config_values::truth(text), out.told.traced.trusts_clients);
}

result<void> set_server_timing(config& out, std::string_view text) {
  return put(config_values::truth(text), out.told.times_answers);
}

result<void> set_drain_delay(config& out, std::string_view text) {
  return put(config_values::duration(text, 0ms, 1h), out.drain_delay);
}

result<void> set_allow_reset(config& out, std::string_view text) {
  return put(config_values::truth(text), out.allow_reset);
}

result<void> set_accept_clock_step(config& out, std::string_view text) {
  return put(config_values::truth(text), out.accept_clock_step);
}

result<void> set_retry_window(config& out, std::string_view text) {
  return put(config_values::duration(text, 1s, 24h * 30), out.bounds.retry_window);
}

}  // namespace factord::setting_values
