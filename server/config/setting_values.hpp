#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "server/config/settings.hpp"
#include "server/config/values.hpp"
#include "server/service/credentials/caller.hpp"

/// How the settings reach their values: what stands in their table. For settings.cpp alone.
namespace factord::setting_values {

using std::chrono::milliseconds;
using namespace std::chrono_literals;
using access = setting::access;

// Puts a value where it belongs, or hands on why there is none.
template <class T, class Target>
result<void> put(result<T> value, Target& target) {
  if (!value) return value.error();
  target = static_cast<Target>(*value);
  return {};
}

// As JSON. What is empty is left out.
void show(const std::string& text, std::string& out);
void show(const std::filesystem::path& path, std::string& out);
void show(std::size_t number, std::string& out);
void show(bool truth, std::string& out);
void show(milliseconds time, std::string& out);
void show(storage::durability mode, std::string& out);
void show(log::level lowest, std::string& out);
void show(access_level which, std::string& out);
void show(const std::vector<std::string>& all, std::string& out);
void show(const std::vector<net::listen_address>& all, std::string& out);
void show(service::role_set roles, std::string& out);

template <auto config::*Member>
void show_of(const config& in, std::string& out) {
  show(in.*Member, out);
}

template <std::size_t limits::*Member, std::uint64_t Min, std::uint64_t Max>
constexpr access counted = {
    [](config& out, std::string_view text) {
      return put(config_values::number(text, Min, Max), out.bounds.*Member);
    },
    [](const config& in, std::string& out) { show(in.bounds.*Member, out); }};

template <std::size_t limits::*Member, std::uint64_t Min, std::uint64_t Max>
constexpr access sized = {[](config& out, std::string_view text) {
                            return put(config_values::bytes(text, Min, Max), out.bounds.*Member);
                          },
                          [](const config& in, std::string& out) { show(in.bounds.*Member, out); }};

template <std::size_t storage::commit_limits::*Member, std::uint64_t Min, std::uint64_t Max>
constexpr access queue_counted = {
    [](config& out, std::string_view text) {
      return put(config_values::number(text, Min, Max), out.bounds.commit.*Member);
    },
    [](const config& in, std::string& out) { show(in.bounds.commit.*Member, out); }};

template <std::size_t storage::commit_limits::*Member, std::uint64_t Min, std::uint64_t Max>
constexpr access queue_sized = {
    [](config& out, std::string_view text) {
      return put(config_values::bytes(text, Min, Max), out.bounds.commit.*Member);
    },
    [](const config& in, std::string& out) { show(in.bounds.commit.*Member, out); }};

template <milliseconds limits::*Member>
constexpr access timed = {[](config& out, std::string_view text) {
                            return put(config_values::duration(text, 10ms, 24h),
                                       out.bounds.*Member);
                          },
                          [](const config& in, std::string& out) { show(in.bounds.*Member, out); }};

result<void> set_file(std::string_view text, std::string& file);

template <std::string protocol::tls_files::*Member>
constexpr access tls_file = {
    [](config& out, std::string_view text) { return set_file(text, out.tls.*Member); },
    [](const config& in, std::string& out) { show(in.tls.*Member, out); }};

result<void> set_data_dir(config& out, std::string_view text);
result<void> set_store(config& out, std::string_view text);
result<void> set_require_standby(config& out, std::string_view text);
result<void> add_listen(config& out, std::string_view text);
result<void> add_admin_listen(config& out, std::string_view text);
void show_admin_listens(const config& in, std::string& out);
result<void> set_threads(config& out, std::string_view text);
result<void> set_durability(config& out, std::string_view text);
result<void> set_seed_users(config& out, std::string_view text);
void show_seed_users(const config& in, std::string& out);
result<void> add_origin(config& out, std::string_view text);
result<void> set_token_file(config& out, std::string_view text);
result<void> set_bootstrap_user(config& out, std::string_view text);
result<void> add_bootstrap_role(config& out, std::string_view text);
result<void> set_bootstrap_org(config& out, std::string_view text);
result<void> set_log_level(config& out, std::string_view text);
result<void> set_access_log(config& out, std::string_view text);
result<void> set_slow_request(config& out, std::string_view text);
result<void> set_otlp_endpoint(config& out, std::string_view text);
result<void> set_trace_sample(config& out, std::string_view text);
void show_trace_sample(const config& in, std::string& out);
result<void> set_trace_trust_remote(config& out, std::string_view text);
result<void> set_server_timing(config& out, std::string_view text);
result<void> set_drain_delay(config& out, std::string_view text);
result<void> set_allow_reset(config& out, std::string_view text);
result<void> set_accept_clock_step(config& out, std::string_view text);
result<void> set_retry_window(config& out, std::string_view text);

}  // namespace factord::setting_values
