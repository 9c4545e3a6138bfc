#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "server/service/failures.hpp"
#include "server/service/page_size.hpp"
#include "server/service/queries.hpp"
#include "server/service/shard_callback.hpp"
#include "storage/base/check.hpp"
#include "storage/model/keys.hpp"
#include "storage/model/stored_record.hpp"

namespace factord::service {
namespace {

constexpr failure too_many{status_code::invalid_argument, "",
                           "more tokens than a page holds: ask for pages, with limit and after"};

constexpr std::size_t tokens_a_page = 1'000;

std::string token_id_key(std::string_view id) {
  std::string key;
  storage::set_token_id_key(key, id);
  return key;
}

/// Tokens in the order of their ids. One that was revoked meanwhile is left out.
struct token_page {
  std::vector<storage::token_record> tokens;
  std::string last;  ///< the id of the last, if there are more
};

/// A page of the index.
struct index_page {
  std::vector<std::string> token_keys;
  std::string last;  ///< the id of the last, if there are more
};

index_page to_index_page(std::vector<storage::key_value> entries, std::size_t limit) {
  index_page page;
  if (entries.size() > limit) {
    entries.resize(limit);
    page.last = entries.back().key.substr(1);
  }
  page.token_keys.resize(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    storage::set_token_key(page.token_keys[i], entries[i].value);
  }
  return page;
}

// `last`: of the index, where it has more.
token_page to_token_page(const storage::states_answer& read, std::string last) {
  token_page page{{}, std::move(last)};
  page.tokens.reserve(read.records.size());
  page_room room;
  for (const auto& record : read.records) {
    if (!record) continue;
    storage::parse_stored(*record, page.tokens.emplace_back());
    if (room.take(text_bytes(page.tokens.back()))) continue;
    page.tokens.pop_back();
    page.last = page.tokens.back().token_id();
    break;
  }
  return page;
}

void read_tokens(const storage::engine& store, index_page of,
                 const storage::engine::callback<token_page>& done) {
  store.read_states(of.token_keys, [last = std::move(of.last),
                                    done](const result<storage::states_answer>& read) mutable {
    if (!read) return done(read.error());
    done(to_token_page(*read, std::move(last)));
  });
}

// Reads a page of the index, then the tokens that it names, and parses them: all where the walk is
// answered, so that the shard only gets what came out.
void read_page(const storage::engine& store, std::string_view after, std::size_t limit,
               storage::engine::callback<token_page> done) {
  const std::string above = token_id_key(after);
  store.scan_states(token_id_key({}), above, limit + 1,
                    [&store, limit, done = std::move(done)](auto index) {
                      if (!index) return done(index.error());
                      read_tokens(store, to_index_page(std::move(*index), limit), done);
                    });
}

}  // namespace

void queries::list_tokens(call& pending, const continuation& then) {
  walk(pending, then, &queries::walk_tokens);
}

void queries::walk_tokens(call& pending, const continuation& then) {
  const std::size_t limit = pending.in.limit == 0 ? tokens_a_page : pending.in.limit;
  read_page(with_.store, pending.in.token_id, limit,
            on_shard<token_page>(with_, [this, &pending, then](result<token_page> read) {
              if (!read) {
                fail_unreadable(with_, pending, read.error());
                return then(pending);
              }
              if (pending.in.limit == 0 && !read->last.empty()) {
                pending.out.fail(too_many);
                return then(pending);
              }
              pending.out.next = std::move(read->last);
              pending.out.tokens = std::move(read->tokens);
              then(pending);
            }));
}

void queries::find_token(call& pending, const continuation& then) {
  read(pending, std::array{token_id_key(pending.in.token_id)}, then, &queries::take_token);
}

void queries::take_token(call& pending, const storage::states_answer& read) const {
  const auto& hash = read.records[0];
  if (!hash) return pending.out.fail(token_unknown);
  FACTORD_CHECK(hash->size() == pending.draws.token_hash.size());
  std::ranges::copy(*hash, pending.draws.token_hash.begin());
}

}  // namespace factord::service
