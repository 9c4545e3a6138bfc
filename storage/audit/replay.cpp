#include "storage/audit/replay.hpp"

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "storage/audit/log_reader.hpp"
#include "storage/base/check.hpp"
#include "storage/commit/single_commits.hpp"
#include "storage/engine/pages.hpp"
#include "storage/engine/wait_for.hpp"
#include "storage/model/event.hpp"
#include "storage/model/evolve.hpp"
#include "storage/model/keys.hpp"
#include "storage/model/retries.hpp"
#include "storage/model/stored_record.hpp"

namespace factord::storage {

namespace {

constexpr std::size_t tokens_a_page = 500;

/// Appends events that were events before. They have one created_at, which is the batch's.
class take_over final : public command {
 public:
  void cover(std::span<const event_record> events) { events_ = events; }

  void list_keys(state_table& table) const override {
    for (const event_record& event : events_) {
      list_evolve_keys(event, table);
      list_retry(event, table);
    }
  }
  void list_more_keys(state_table& table, const log_head&) const override {
    for (const event_record& event : events_) list_freed_keys(event, table);
    list_oldest_retries(table);
  }
  void decide(const state_table&, const decision_times& at, event_sink& events) override {
    for (const event_record& event : events_) {
      FACTORD_CHECK(event.created_at() == to_micros(at.created_at));
      events.blank() = event;
      events.append();
    }
  }
  void finish(commit_outcome) noexcept override {}
  std::size_t size_bytes() const noexcept override { return sizeof(*this); }

 private:
  std::span<const event_record> events_;
};

/// Ends the tokens with these state keys, as far as they are alive.
class end_tokens final : public command {
 public:
  explicit end_tokens(std::vector<std::string> keys) : keys_(std::move(keys)) {}

  [[nodiscard]] std::uint64_t ended() const noexcept { return ended_; }

  void list_keys(state_table& table) const override {
    for (const std::string& key : keys_) table.want(key);
  }
  void decide(const state_table& states, const decision_times&, event_sink& events) override {
    token_record token;
    ended_ = 0;
    for (const std::string& key : keys_) {
      const auto bytes = states.get(key);
      if (!bytes) continue;
      parse_stored(*bytes, token);
      event_record& event = events.blank();
      event.set_type(static_cast<std::uint32_t>(event_type::token_removed));
      event.set_user_id(token.subject());
      event.set_resource_owner(token.org());
      event.set_creator("factorctl");
      event.mutable_payload()->set_token_id(token.token_id());
      event.mutable_private_part()->set_token_hash(key.substr(1));
      events.append();
      ++ended_;
    }
  }
  void finish(commit_outcome) noexcept override {}
  std::size_t size_bytes() const noexcept override { return sizeof(*this); }

 private:
  const std::vector<std::string> keys_;
  std::uint64_t ended_ = 0;
};

class replayer {
 public:
  replayer(const log_source& from, const replay_plan& plan, engine& into,
           const replay_progress& progress)
      : log_(from), plan_(plan), into_(into), commits_(into), progress_(progress) {}

  [[nodiscard]] result<replay_report> run() {
    if (const auto done = take_over_all(); !done) return done.error();
    const auto ended = plan_.tokens == live_tokens::end ? end_all_tokens() : end_revoked_tokens();
    if (!ended) return ended.error();
    const auto head =
        wait_for<events_answer>([this](auto done) { into_.read_events(0, 0, std::move(done)); });
    if (!head) return head.error();
    report_.head = head->head;
    return report_;
  }

 private:
  result<void> take_over_all() {
    return log_.read(plan_.last, [this](std::span<const event_record> page) -> result<void> {
      if (const auto done = take_over_page(page); !done) return done;
      report_.replayed = log_.sequence();
      progress_(report_.replayed, plan_.last);
      return {};
    });
  }

  /// Batch by batch as they were made: what has one created_at.
  result<void> take_over_page(std::span<const event_record> page) {
    while (!page.empty()) {
      const std::int64_t time = page.front().created_at();
      const auto end = std::find_if(page.begin(), page.end(), [time](const event_record& event) {
        return event.created_at() != time;
      });
      const auto batch = page.first(static_cast<std::size_t>(end - page.begin()));
      copied_.cover(batch);
      const auto done = commits_.commit(copied_, from_micros(time));
      if (!done) return done;
      page = page.subspan(batch.size());
    }
    return {};
  }

  result<void> end_all_tokens() {
    const char prefix = static_cast<char>(key_kind::token);
    return for_each_page<key_value>(
        [&](std::string_view after, auto done) {
          into_.scan_states({&prefix, 1}, after, tokens_a_page, std::move(done));
        },
        [this](const std::vector<key_value>& page) {
          std::vector<std::string> keys;
          for (const key_value& token : page) keys.push_back(token.key);
          return end(std::move(keys));
        });
  }

  /// Whom the log that is left out revokes must not get in again for that.
  result<void> end_revoked_tokens() {
    return log_.read(plan_.known, [this](std::span<const event_record> page) -> result<void> {
      std::vector<std::string> keys;
      for (const event_record& event : page) {
        if (event.type() != static_cast<std::uint32_t>(event_type::token_removed)) continue;
        set_token_key(keys.emplace_back(), event.private_part().token_hash());
      }
      return keys.empty() ? result<void>{} : end(std::move(keys));
    });
  }

  result<void> end(std::vector<std::string> keys) {
    end_tokens ending{std::move(keys)};
    const auto done = commits_.commit(ending, system_now());
    if (done) report_.tokens_ended += ending.ended();
    return done;
  }

  log_reader log_;
  const replay_plan& plan_;
  engine& into_;
  single_commits commits_;
  const replay_progress& progress_;
  take_over copied_;
  replay_report report_;
};

}  // namespace

result<replay_report> replay(const log_source& from, const replay_plan& plan, engine& into,
                             const replay_progress& progress) {
  FACTORD_CHECK(plan.last <= plan.known);
  return replayer{from, plan, into, progress}.run();
}

}  // namespace factord::storage
