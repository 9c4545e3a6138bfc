#include "server/net/key_fetcher.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "server/base/log.hpp"
#include "server/jwt/discovery.hpp"
#include "server/jwt/key_set.hpp"
#include "server/net/small_file.hpp"

namespace factord::net {
namespace {

using kind = jwt::key_place::kind;
using news = jwt::key_keeper::news;
using std::chrono::steady_clock;

// What of the start's time each has at least, where there are many.
constexpr std::chrono::milliseconds start_share_min{300};
// So soon it is seen that a token names a key that is missing.
constexpr std::chrono::milliseconds look_for_misses{200};
// How much of a URL that a provider named goes into an error.
constexpr std::size_t named_bytes = 200;

result<http_answer> read_key_file(const std::string& path) {
  auto bytes = read_small_file(path, jwt::key_set_bytes_max, key_fetcher_patience{}.fetch);
  if (!bytes) return bytes.error();
  return http_answer{.status = 200, .cache_control = {}, .body = *std::move(bytes)};
}

std::string place_of(const jwt::issuer_rules& rules) {
  return rules.keys.which == kind::discovery ? jwt::discovery_url(rules.issuer) : rules.keys.where;
}

std::string_view words_of(news what) {
  switch (what) {
    case news::first:
      return "the keys of an issuer are in use";
    case news::changed:
      return "the keys of an issuer have changed";
    case news::same:
      break;
  }
  return "the keys of an issuer are as they were";
}

}  // namespace

result<void> check_files(const issuer_options& of) {
  for (const issuer_option& one : of.all) {
    if (one.rules.keys.which != kind::file) continue;
    const auto read = read_key_file(one.rules.keys.where);
    if (!read) return read.error();
    if (const auto keys = jwt::parse_key_set(read->body); !keys)
      return error{errc::bad_argument, one.rules.keys.where + ": " + keys.error().message};
  }
  if (of.all.empty()) return {};
  return check_trust(of.ca_file);
}

key_fetcher::key_fetcher(issuer_options issuers, key_fetcher_patience patience)
    : all_(std::move(issuers)),
      patience_(patience),
      client_({.answer_bytes = jwt::key_set_bytes_max,
               .ca_file = all_.ca_file,
               .plain_stays_here = true},
              [this] { return is_over(); }) {
  for (const issuer_option& one : all_.all) {
    issuers_.push_back(std::make_unique<issuer>(one));
    trusted_.trusted.push_back({one.rules, &issuers_.back()->keys});
    trusted_.meanings.push_back(one.roles);
  }
}

key_fetcher::~key_fetcher() {
  {
    const std::lock_guard lock{mutex_};
    ending_ = true;
  }
  woken_.notify_all();
  thread_.join();
}

result<void> key_fetcher::begin() {
  for (const auto& one : issuers_) {
    if (one->rules.keys.which != kind::file || !one->keeper.take_due(steady_clock::now())) continue;
    if (const auto fetched = fetch(*one); !fetched) return fetched;
  }
  if (issuers_.empty()) return {};
  start_end_ = steady_clock::now() + patience_.start;
  thread_ = thread("keys", [this] { run(); });
  std::unique_lock lock{mutex_};
  woken_.wait_until(lock, start_end_, [this] { return asked_all_; });
  return {};
}

void key_fetcher::ask_again() {
  {
    const std::lock_guard lock{mutex_};
    asked_again_ = true;
  }
  woken_.notify_all();
}

std::vector<metrics::issuer_facts> key_fetcher::look() const {
  std::vector<metrics::issuer_facts> all;
  const std::lock_guard lock{mutex_};
  for (const auto& one : issuers_) {
    all.push_back(one->facts);
    const auto keys = one->keys.current();
    all.back().keys = keys == nullptr ? 0 : keys->size();
  }
  return all;
}

void key_fetcher::run() noexcept {
  for (bool starts = true; !is_over(); starts = false) {
    auto behind = static_cast<std::ptrdiff_t>(issuers_.size());
    for (const auto& one : issuers_) {
      --behind;
      one_patience_ = starts && behind > 0 ? start_share(behind + 1) : patience_.fetch;
      try {
        look_after(*one);
      } catch (const std::exception&) {  // out of memory
        one->keeper.failed(steady_clock::now());
      }
    }
    pause();
  }
}

std::chrono::milliseconds key_fetcher::start_share(std::ptrdiff_t among) const {
  const auto left = start_end_ - steady_clock::now();
  return std::max(start_share_min,
                  std::chrono::duration_cast<std::chrono::milliseconds>(left / among));
}

void key_fetcher::look_after(issuer& one) {
  const auto now = steady_clock::now();
  if (one.keeper.withdraw_old(now))
    log::error("the keys of an issuer are too old: its tokens are refused",
               {{"issuer", one.rules.issuer}});
  if (!one.keeper.take_due(now)) return;
  const auto fetched = fetch(one);
  const bool tells = std::exchange(one.tells, false);
  if (fetched || is_over()) return;
  const auto times = one.failures.due(steady_clock::now());
  if (tells || times > 0)
    log::warn("the keys of an issuer stay as they were",
              {{"issuer", one.rules.issuer},
               {"from", place_of(one.rules)},
               {"cause", fetched.error().message},
               {"times", std::max<std::uint64_t>(1, times)}});
}

result<void> key_fetcher::fetch(issuer& one) {
  const auto got = ask(one);
  if (!got) {
    one.keeper.failed(steady_clock::now());
    const bool answered = got.error().code == errc::bad_argument;
    count(one, answered ? &metrics::issuer_facts::refused : &metrics::issuer_facts::unreachable);
    return got.error();
  }
  const auto used = one.keeper.answered(got->body, got->cache_control, steady_clock::now());
  if (!used) {
    count(one, &metrics::issuer_facts::refused);
    return error{errc::bad_argument, place_of(one.rules) + ": " + used.error().message};
  }
  use(one, *used);
  return {};
}

void key_fetcher::use(issuer& one, news what) {
  {
    const std::lock_guard lock{mutex_};
    one.facts.last_fetched = system_now();
  }
  count(one, &metrics::issuer_facts::fetched);
  if (what == news::same && !one.tells) return;
  log::info(words_of(what), {{"issuer", one.rules.issuer},
                             {"from", place_of(one.rules)},
                             {"keys", one.keys.current()->size()}});
}

result<http_answer> key_fetcher::ask(const issuer& one) {
  const jwt::key_place& from = one.rules.keys;
  if (from.which == kind::file) {
    auto read = read_key_file(from.where);
    if (!read) return error{errc::unavailable, read.error().message};
    return read;
  }
  const auto deadline = steady_clock::now() + one_patience_;
  const std::string url = place_of(one.rules);
  const auto where = parse_provider_url(url);
  if (!where) return error{errc::unavailable, url + ": " + where.error().message};
  auto got = ask_at(url, *where, deadline);
  if (!got || from.which == kind::url) return got;
  return follow(got->body, one, *where, deadline);
}

result<http_answer> key_fetcher::follow(std::string_view described, const issuer& one,
                                        const http_url& by, time_point deadline) {
  const auto url = jwt::read_discovery(described, one.rules.issuer);
  if (!url) return error{errc::bad_argument, "what was discovered: " + url.error().message};
  const auto where = parse_discovered_url(*url, by);
  const std::string named = url->substr(0, named_bytes);
  if (!where) return error{errc::bad_argument, named + ": " + where.error().message};
  return ask_at(named, *where, deadline);
}

result<http_answer> key_fetcher::ask_at(const std::string& named, const http_url& where,
                                        time_point deadline) {
  auto got = client_.ask({.where = where, .content_type = {}, .body = {}}, deadline);
  if (!got) return error{errc::unavailable, named + ": " + got.error().message};
  if (got->status != 200)
    return error{errc::unavailable, named + ": the answer was " + std::to_string(got->status)};
  return got;
}

void key_fetcher::count(issuer& one, std::uint64_t metrics::issuer_facts::*what) {
  const std::lock_guard lock{mutex_};
  ++(one.facts.*what);
}

void key_fetcher::pause() {
  std::unique_lock lock{mutex_};
  asked_all_ = true;
  woken_.notify_all();
  woken_.wait_for(lock, look_for_misses, [this] { return ending_ || asked_again_; });
  if (!std::exchange(asked_again_, false)) return;
  for (const auto& one : issuers_) {
    one->keeper.ask_again();
    one->tells = true;
  }
}

bool key_fetcher::is_over() const {
  const std::lock_guard lock{mutex_};
  return ending_;
}

}  // namespace factord::net
