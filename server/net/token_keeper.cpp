#include "server/net/token_keeper.hpp"

#include <future>
#include <utility>

#include "server/base/log.hpp"
#include "server/jwt/token.hpp"
#include "server/net/small_file.hpp"

namespace factord::net {
namespace {

// Some more than a token may have, so that it is said of one that it is too long.
constexpr std::size_t token_file_bytes_max = 4096;
// Of 6 bits each: nobody guesses 128.
constexpr std::size_t long_enough = 22;

std::string_view words_of(service::bootstrap_outcome outcome) {
  switch (outcome) {
    case service::bootstrap_outcome::kept:
      return "the bootstrap token is as it was";
    case service::bootstrap_outcome::created:
      return "the bootstrap token was created";
    case service::bootstrap_outcome::replaced:
      break;
  }
  return "the bootstrap token was replaced";
}

void stays_as_it_was(const error& cause) {
  log::error("the bootstrap token stays as it was", {{"cause", cause.message}});
}

}  // namespace

result<std::string> read_token_file(const bootstrap_options& options) {
  auto bytes = read_private_file(options.file, token_file_bytes_max);
  if (!bytes) return bytes.error();
  auto text = service::token_in(*std::move(bytes));
  if (!text) return error{errc::bad_argument, options.file + ": " + text.error().message};
  if (options.beside_jwts && jwt::looks_like_token(*text)) {
    return error{errc::bad_argument,
                 options.file + ": it looks like a JWT, and would be taken for one (--jwt-issuer)"};
  }
  return text;
}

token_keeper::token_keeper(bootstrap_options options, storage::commit_queue& queue,
                           std::uint32_t shard, std::function<void(std::function<void()>)> post)
    : options_(std::move(options)), queue_(queue), shard_(shard), post_(std::move(post)) {}

result<void> token_keeper::keep() {
  if (options_.file.empty()) return {};
  // Shared, because the commit thread may still be in set_value() when wait() returns.
  const auto done = std::make_shared<std::promise<void>>();
  auto finished = done->get_future();
  if (const auto begun = begin([done] { done->set_value(); }); !begun) return begun;
  finished.wait();
  return conclude();
}

void token_keeper::renew(std::function<void()> then) {
  if (options_.file.empty()) return then();
  once_renewed_ = std::move(then);
  again_ = under_way_ != nullptr;
  if (!again_) begin_renewal();
}

void token_keeper::begin_renewal() {
  const auto begun = begin([this] { post_([this] { renewed(); }); });
  if (begun) return;
  stays_as_it_was(begun.error());
  once_renewed_();
}

void token_keeper::renewed() {
  if (const auto kept = conclude(); !kept) stays_as_it_was(kept.error());
  if (std::exchange(again_, false)) return begin_renewal();
  once_renewed_();
}

result<void> token_keeper::begin(std::function<void()> then) {
  const auto text = read_token_file(options_);
  if (!text) return text.error();
  if (text->size() < long_enough)
    log::warn("the bootstrap token is so short that it may be guessed", {{"file", options_.file}});
  auto command = std::make_unique<service::token_bootstrap>(options_.grant, *text, shard_);
  then_ = std::move(then);
  under_way_ = std::move(command);
  const auto submitted = queue_.submit(*under_way_);
  if (submitted == storage::submit_status::accepted) return {};
  under_way_.reset();
  return error{errc::unavailable, submitted == storage::submit_status::full
                                      ? "too many writes are waiting: ask again (SIGHUP)"
                                      : "no more is written"};
}

result<void> token_keeper::conclude() {
  const auto outcome = under_way_->outcome();
  under_way_.reset();
  if (!outcome) {
    return error{outcome.error().code,
                 "the bootstrap token of " + options_.file + ": " + outcome.error().message};
  }
  log::info(words_of(*outcome), {{"id", service::bootstrap_token_id},
                                 {"user", options_.grant.user_id},
                                 {"file", options_.file}});
  return {};
}

}  // namespace factord::net
