// The session of a writer on a database, whatever that says. The input is a script: of orders, and
// of what comes back for each. Whatever it is: no outcome is told that the database has not told,
// the head never goes back, and nothing is written once the store has been given up.

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/base/check.hpp"
#include "storage/model/event.hpp"
#include "storage/model/records.pb.h"
#include "storage/postgres/binary.hpp"
#include "storage/postgres/writer_session.hpp"
#include "tests/fuzz/input.hpp"

namespace factord::storage {
namespace {

using kind = exchange_event::kind;

std::string bytes_of(std::uint64_t number) {
  return std::string{as_bytes(bytes_of_number(clamped(number)))};
}

bool writes(sql which) {
  return which == sql::move_head || which == sql::raise_epoch || which == sql::put_states ||
         which == sql::delete_states || which == sql::append_events;
}

/// As wide as they come: what is not there is nothing.
class script_rows final : public sql_rows {
 public:
  std::vector<std::vector<std::optional<std::string>>> rows;
  std::size_t size() const noexcept override { return rows.size(); }
  std::optional<std::string_view> cell(std::size_t at, std::size_t column) const override {
    FACTORD_CHECK(at < rows.size());
    if (column >= rows[at].size()) return std::nullopt;
    return rows[at][column];
  }
};

/// What the database has said of a commit, for whoever believes it.
struct told_of_commit {
  bool sent = false;
  bool done = false;      ///< it was done: by its own reply, or by that to the question
  bool not_done = false;  ///< it was not, and will not be
};

/// The other end of the session: says what the script has it say.
class script_io final : public session_io {
 public:
  script_io(fuzz::cursor& script, head_latch& latch) : script_(script), latch_(latch) {}

  log_head head{.sequence = 5, .hash = {}};
  told_of_commit told;

  time now() override { return clock_; }
  bool has_ended() override { return connected_ && ended_; }
  void close() override { connected_ = false; }
  void pause(time until) override { clock_ = std::max(clock_, until); }
  std::optional<peer> connected_to() const override {
    return connected_ ? std::optional<peer>{peer{}} : std::nullopt;
  }

  result<void> connect(time by) override {
    switch (script_.byte() % 8) {
      case 0:
        clock_ = std::max(clock_, by);
        return error{errc::unavailable, "refused"};
      case 1:
        return error{script_.byte() % 4 == 0 ? errc::storage_failed : errc::bad_argument, "other"};
      default:
        connected_ = true;
        ended_ = false;
        return {};
    }
  }

  /// The other side ends the connection, over nothing.
  void end_idle() { ended_ = true; }

  void send(std::span<const sql_request> requests) override {
    sent_.assign(requests.begin(), requests.end());
    replies_ = 0;
    warned_ = failed_ = vague_ = false;
    tag_.clear();
    unfit_ = found_ = false;
    const bool any_written =
        std::ranges::any_of(sent_, [](const auto& one) { return writes(one.which); });
    FACTORD_CHECK(connected_ && (!any_written || !latch_.fenced()));
    for (const sql_request& one : sent_) {
      if (one.which == sql::append_events) attempt_ = one.parameters[4];
    }
    told.sent = told.sent || (any_written && !asks());
  }

  exchange_event receive(time by) override {
    // A reader may find out at any time.
    if (script_.byte() == 255) latch_.fence("a reader says so");
    switch (script_.empty() ? 2 : script_.byte() % 16) {
      case 0:
        warned_ = true;
        return {.what = kind::warning, .text = "careful"};
      case 1:
        return {.what = kind::lost, .text = "lost"};
      case 2:
        clock_ = std::max(clock_, by);
        return {.what = kind::late};
      case 3:
        return end();
      case 4:
        return any_reply();
      case 5:
        return failure();
      case 6:
        return take({});
      default:
        return replies_ < sent_.size() ? honest_reply() : end();
    }
  }

 private:
  [[nodiscard]] bool asks() const {
    return std::ranges::any_of(sent_,
                               [](const auto& one) { return one.which == sql::raise_epoch; });
  }
  [[nodiscard]] bool commits() const { return !sent_.empty() && sent_.back().which == sql::commit; }

  exchange_event take(sql_reply reply) {
    if (replies_ < sent_.size()) note(sent_[replies_], reply);
    ++replies_;
    return {.what = kind::reply, .reply = reply};
  }

  void note(const sql_request& request, const sql_reply& reply) {
    const sql which = request.which;
    const bool done = reply.how == sql_reply::kind::done;
    if (reply.how == sql_reply::kind::failed) {
      vague_ = vague_ || (!failed_ && reply.code == "40003");
      failed_ = true;
    }
    if (done && which == sql::commit) tag_ = reply.tag;
    if (request.writes) {
      const std::string rows = ' ' + std::to_string(*request.writes);
      unfit_ = unfit_ || !done || !reply.tag.ends_with(rows);
    }
    const bool row = done && reply.rows != nullptr && reply.rows->size() > 0;
    if (which == sql::read_attempt) found_ = row && reply.rows->cell(0, 0) == attempt_;
  }

  exchange_event end() {
    const bool whole = replies_ == sent_.size();
    const bool clean = whole && !failed_ && !warned_ && tag_ == "COMMIT" && !unfit_;
    if (commits() && asks()) {
      told.done = clean && found_;
      told.not_done = clean && !found_;
    } else if (commits()) {
      told.done = clean;
      told.not_done = whole && ((failed_ && !vague_) || (!failed_ && tag_ != "COMMIT"));
    }
    return {.what = kind::end};
  }

  exchange_event failure() {
    constexpr std::array codes{"23502", "40001", "40P01", "55P03", "40003", "57014", "XX001"};
    const std::size_t which = script_.byte();
    code_ = which % 2 == 0 ? codes[which / 2 % codes.size()] : std::string{script_.take(5)};
    return take({.how = sql_reply::kind::failed, .code = code_, .message = "no"});
  }

  exchange_event any_reply() {
    constexpr std::array tags{"COMMIT", "UPDATE 1", "UPDATE 0", "ROLLBACK", "", "INSERT 0 1"};
    rows_.rows.assign(script_.byte() % 4, {});
    for (auto& row : rows_.rows) {
      row.resize(script_.byte() % 8);
      for (auto& cell : row) {
        const std::size_t size = script_.byte() % 40;
        if (size != 39) cell = std::string{script_.take(size)};
      }
    }
    return take({.how = sql_reply::kind::done,
                 .tag = tags[script_.byte() % tags.size()],
                 .rows = script_.byte() % 4 == 0 ? nullptr : &rows_});
  }

  exchange_event honest_reply() {
    const sql_request& one = sent_[replies_];
    rows_.rows.clear();
    tag_said_ = one.writes ? "DONE " + std::to_string(*one.writes) : "OK";
    switch (one.which) {
      case sql::read_head:
      case sql::lock_head:
        // Somebody else commits, or the log loses its end.
        if (script_.byte() % 8 == 0) {
          head.sequence = script_.byte();
          head.hash.fill(script_.byte());
        }
        rows_.rows = {{bytes_of(head.sequence), std::string{as_bytes(head.hash)}, bytes_of(1),
                       bytes_of(1), bytes_of(head.token_epoch), bytes_of(1), "", ""}};
        break;
      case sql::read_states:
        rows_.rows = {{"u1", "a record"}};
        break;
      case sql::read_states_and_last_events:
        rows_.rows = {{"u1", "a record"}, {"l1", bytes_of(head.sequence)}};
        break;
      case sql::read_event_hash:
        rows_.rows = {{std::string{as_bytes(latch_.newest().hash)}}};
        break;
      case sql::read_attempt:
        if (script_.byte() % 2 == 0) rows_.rows = {{attempt_}};
        break;
      case sql::commit:
        tag_said_ = "COMMIT";
        break;
      default:
        break;
    }
    return take({.how = sql_reply::kind::done, .tag = tag_said_, .rows = &rows_});
  }

  fuzz::cursor& script_;
  head_latch& latch_;
  time clock_{};
  bool connected_ = false;
  bool ended_ = false;
  std::string attempt_;  ///< of the last commit with events
  std::vector<sql_request> sent_;
  std::size_t replies_ = 0;
  bool warned_ = false;
  bool failed_ = false;
  bool vague_ = false;  ///< what failed first cannot tell
  bool unfit_ = false;  ///< something else was written than was told
  bool found_ = false;
  std::string tag_;
  std::string tag_said_;
  std::string code_;
  script_rows rows_;
};

/// A process with a session, and what it does one after the other.
class writer {
 public:
  explicit writer(std::string_view script) : script_(script) {
    auto io = std::make_unique<script_io>(script_, latch_);
    io_ = io.get();
    session_ =
        std::make_unique<writer_session>(session_rules{}, latch_, watch_, std::move(io), nullptr);
  }

  void run() {
    while (!script_.empty()) {
      const std::size_t order = script_.byte() % 8;
      if (order == 0) {
        io_->end_idle();
      } else if (order == 1 && loaded_) {
        loaded_.reset();
        session_->abandon();
      } else if (order < 5 && loaded_) {
        commit();
      } else {
        load();
      }
      if (script_.byte() == 255) latch_.fence("a reader says so");
    }
  }

 private:
  void load() {
    const head_latch::point before = latch_.newest();
    const bool fenced = latch_.fenced().has_value();
    table_.clear();
    table_.want("u1");
    if (script_.byte() % 4 == 0) table_.want("u2");
    const auto head = session_->load(table_);
    loaded_.reset();
    if (!head) return;
    loaded_ = *head;
    FACTORD_CHECK(!fenced);
    FACTORD_CHECK(loaded_->sequence >= before.sequence);
    const bool same = loaded_->sequence == before.sequence && before.sequence > 0;
    FACTORD_CHECK(!same || loaded_->hash == before.hash);
  }

  void commit() {
    const std::size_t count = script_.byte() % 3;
    std::vector<std::string> values;
    std::vector<new_event> events;
    event_record record;
    record.set_type(static_cast<std::uint32_t>(event_type::locked));
    record.set_user_id("1");
    for (std::size_t i = 0; i < count; ++i) {
      const char hash = static_cast<char>(script_.byte());
      values.push_back(std::string(32, hash) + record.SerializeAsString());
    }
    for (std::size_t i = 0; i < count; ++i) {
      events.push_back({loaded_->sequence + 1 + i, "1", values[i]});
    }
    table_.put("u1", "another record");
    io_->told = {};
    const bool fenced = latch_.fenced().has_value();
    const auto ended = session_->commit(table_, events);
    loaded_.reset();
    check(ended, fenced);
    if (ended && *ended == commit_status::committed && count > 0) {
      io_->head.sequence = events.back().sequence;
      std::copy_n(values.back().begin(), 32, io_->head.hash.begin());
    }
  }

  void check(const result<commit_status>& ended, bool fenced) const {
    const told_of_commit& told = io_->told;
    FACTORD_CHECK(!fenced || !ended);
    if (!ended || *ended == commit_status::unknown) return;
    if (*ended == commit_status::committed) FACTORD_CHECK(told.done);
    if (*ended != commit_status::committed) FACTORD_CHECK(!told.sent || told.not_done);
  }

  fuzz::cursor script_;
  head_latch latch_;
  primary_watch watch_{session_rules{}.lease_time};
  script_io* io_;  ///< of the session
  std::unique_ptr<writer_session> session_;
  state_table table_;
  std::optional<log_head> loaded_;  ///< while its transaction is open
};

}  // namespace
}  // namespace factord::storage

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  factord::storage::writer(factord::fuzz::as_text(data, size)).run();
  return 0;
}
