#include <CLI/CLI.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "storage/commit/seed_users.hpp"
#include "tools/common/number.hpp"
#include "tools/factorctl/command_line.hpp"
#include "tools/factorctl/option_checks.hpp"
#include "tools/factorctl/url_list.hpp"

namespace factord::ctl {
namespace {

struct url_options {
  std::string target = "http://127.0.0.1:8080";
  std::string first_id{storage::first_seed_id};
  std::string users;
  std::string shard = "1/1";
  std::string order = "scattered";
};

std::string check_target(const std::string& text) {
  const auto url = boost::urls::parse_uri({text.data(), text.size()});
  const bool good = url &&
                    (url->scheme_id() == boost::urls::scheme::http ||
                     url->scheme_id() == boost::urls::scheme::https) &&
                    !url->encoded_host().empty() && !url->has_userinfo() && !url->has_query() &&
                    !url->has_fragment() && !text.ends_with('/');
  return good ? "" : "must be http://HOST:PORT or https://HOST:PORT";
}

std::string check_shard(const std::string& text) {
  return parse_shard(text) ? "" : "must be I/N, such as 1/4 for the first of four";
}

// Not CLI::IsMember: what that shows is longer than its column.
std::string check_order(const std::string& text) {
  return text == "scattered" || text == "ascending" ? "" : "must be scattered or ascending";
}

result<exit_code> print_urls(const url_options& options) {
  const auto ids = id_range::make(options.first_id, tools::parse_number(options.users).value_or(0));
  if (!ids) return ids.error();
  const url_list urls{
      .server = options.target,
      .ids = *ids,
      .order = options.order == "ascending" ? url_order::ascending : url_order::scattered,
      .part = parse_shard(options.shard).value()};
  // Where nobody reads on, main says so.
  urls.write([](std::string_view lines) {
    return std::fwrite(lines.data(), 1, lines.size(), stdout) == lines.size();
  });
  return exit_code::success;
}

}  // namespace

void add_urls_command(CLI::App& app, invocation& call) {
  auto* command =
      app.add_subcommand("urls", "Print a URL for each user, for load generators to DELETE");
  const auto options = std::make_shared<url_options>();
  command->add_option("--target", options->target, "The server, as clients reach it")
      ->type_name("URL")
      ->check(check_target)
      ->capture_default_str();
  command->add_option("--users", options->users, "How many there are, 1 to 100000000")
      ->type_name("N")
      ->check(check_user_count)
      ->required();
  command->add_option("--first-id", options->first_id, "Ids count up from this number")
      ->type_name("ID")
      ->capture_default_str();
  command->add_option("--shard", options->shard, "Which part: the I-th of N, none of which overlap")
      ->type_name("I/N")
      ->check(check_shard)
      ->capture_default_str();
  command->add_option("--order", options->order, "scattered, as factorload has it, or ascending")
      ->type_name("ORDER")
      ->check(check_order)
      ->capture_default_str();
  command->footer(
      "A user's factor can be removed once. So each connection, or process, that walks a list of\n"
      "its own needs a shard of its own: two that share one get 404s for half of their requests,\n"
      "which many tools count as throughput. bench/recipes has h2load, wrk, hey, k6 and JMeter.\n"
      "\nExample:\n  factorctl urls --users 1000000 --shard 1/4 > urls.1");
  command->callback([options, &call] {
    call.needs_place = false;
    call.run = [options](const auto&) { return print_urls(*options); };
  });
}

}  // namespace factord::ctl
