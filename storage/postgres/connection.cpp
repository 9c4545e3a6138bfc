#include "storage/postgres/connection.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "storage/base/check.hpp"
#include "storage/postgres/host_addresses.hpp"

namespace factord::storage {

namespace {

using std::chrono::milliseconds;
using clock = std::chrono::steady_clock;

constexpr int binary = 1;

/// libpq's messages end with a line feed, and may have some within.
std::string one_line(std::string_view text) {
  std::string line{text};
  while (!line.empty() && (line.back() == '\n' || line.back() == ' ')) line.pop_back();
  std::ranges::replace(line, '\n', ' ');
  return line;
}

/// True once the socket is ready for one of these; false at `by`.
bool wait_on(int socket, short events, clock::time_point by) {
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(by - clock::now());
    if (left.count() <= 0) return false;
    pollfd one{socket, events, 0};
    const int ready =
        ::poll(&one, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return true;  // whoever uses it next finds out
  }
}

error unavailable(std::string message) { return {errc::unavailable, std::move(message)}; }

/// The same host, by its addresses: libpq has nothing to resolve any more, and goes by the name
/// where it checks a certificate or looks for a password.
result<postgres_location::parameters> resolved(postgres_location::parameters host,
                                               clock::time_point by) {
  const auto name =
      std::ranges::find(host, "host", &postgres_location::parameters::value_type::first);
  if (name == host.end()) return host;
  const auto addresses = addresses_of(name->second, by);
  if (!addresses) return addresses.error();
  if (addresses->empty()) return host;
  const std::string one = name->second;
  std::string all = addresses->front();
  for (std::size_t i = 1; i < addresses->size(); ++i) {
    name->second += ',' + one;
    all += ',' + (*addresses)[i];
  }
  host.emplace_back("hostaddr", std::move(all));
  return host;
}

}  // namespace

result_rows::result_rows(pg_result* given) noexcept : result_(given) {}

void result_rows::clear::operator()(pg_result* of) const noexcept { PQclear(of); }

std::size_t result_rows::size() const noexcept {
  return static_cast<std::size_t>(PQntuples(result_.get()));
}

std::optional<std::string_view> result_rows::cell(std::size_t row, std::size_t column) const {
  const int at = static_cast<int>(row);
  const int of = static_cast<int>(column);
  FACTORD_CHECK(at < PQntuples(result_.get()));
  if (of >= PQnfields(result_.get()) || PQgetisnull(result_.get(), at, of) != 0)
    return std::nullopt;
  return std::string_view{PQgetvalue(result_.get(), at, of),
                          static_cast<std::size_t>(PQgetlength(result_.get(), at, of))};
}

void postgres_connection::finish::operator()(pg_conn* of) const noexcept { PQfinish(of); }

postgres_connection::postgres_connection(pg_conn* made) : connection_(made) {
  prepared_.resize(sql_count);
}

postgres_connection::~postgres_connection() = default;

result<std::unique_ptr<postgres_connection>> postgres_connection::open(
    const postgres_location::parameters& host, const session_rules& rules, time by) {
  const auto reached = resolved(host, by);
  if (!reached) return reached.error();
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  const auto add = [&](const char* keyword, const char* value) {
    keywords.push_back(keyword);
    values.push_back(value);
  };
  for (const auto& [keyword, value] : *reached) add(keyword.c_str(), value.c_str());
  const std::string peer_seconds = std::to_string(rules.peer_time.count());
  const std::string peer_millis = std::to_string(milliseconds{rules.peer_time}.count());
  // A host that is gone says nothing: whom we ask is missed after this long.
  add("keepalives", "1");
  add("keepalives_idle", peer_seconds.c_str());
  add("keepalives_interval", "1");
  add("keepalives_count", "3");
  add("tcp_user_timeout", peer_millis.c_str());
  add("client_encoding", "UTF8");
  add("fallback_application_name", "factord");
  add(nullptr, nullptr);
  std::unique_ptr<postgres_connection> made{
      new postgres_connection{PQconnectStartParams(keywords.data(), values.data(), 0)}};
  if (!made->connection_) return unavailable("no memory for a connection");
  if (const auto begun = made->begin(by); !begun) return begun.error();
  return made;
}

result<void> postgres_connection::begin(time by) {
  pg_conn* const one = connection_.get();
  // Before anything is said: libpq would write it to our log, as it is.
  PQsetNoticeReceiver(one, note_warning, this);
  // The first poll is for writing, as libpq has it.
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;
  if (PQstatus(one) == CONNECTION_BAD) next = PGRES_POLLING_FAILED;
  while (next != PGRES_POLLING_OK) {
    if (next == PGRES_POLLING_FAILED) return unavailable(one_line(PQerrorMessage(one)));
    const short events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (!wait_on(PQsocket(one), events, by)) return unavailable("no connection in time");
    next = PQconnectPoll(one);
  }
  warnings_.clear();  // of connecting: they are about no request
  if (PQsetnonblocking(one, 1) != 0 || PQenterPipelineMode(one) != 1) {
    return unavailable(one_line(PQerrorMessage(one)));
  }
  return {};
}

void postgres_connection::note_warning(void* self, const pg_result* notice) {
  const char* const severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
  const std::string_view level = severity != nullptr ? severity : "";
  auto& of = *static_cast<postgres_connection*>(self);
  // A server that ends a session while nothing is under way says so in a notice, too.
  of.broken_ = of.broken_ || level == "FATAL" || level == "PANIC";
  if (level != "WARNING") return;
  const char* const message = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);
  of.warnings_.emplace_back(message != nullptr ? message : "a warning");
}

void postgres_connection::send_one(const sql_request& request) {
  const sql_statement& statement = statement_of(request.which);
  FACTORD_CHECK(request.count == statement.parameters.size());
  constexpr std::size_t most = std::tuple_size_v<decltype(request.parameters)>;
  static constexpr std::array<int, most> formats{1, 1, 1, 1, 1, 1, 1, 1};
  std::array<const char*, most> values{};
  std::array<int, most> lengths{};
  for (std::size_t i = 0; i < request.count; ++i) {
    const std::string_view bytes = request.parameters[i];
    values[i] = bytes.data() != nullptr ? bytes.data() : "";
    lengths[i] = static_cast<int>(bytes.size());
  }
  const int count = static_cast<int>(request.count);
  pg_conn* const one = connection_.get();
  if (prepared_[static_cast<std::size_t>(request.which)]) {
    sent(PQsendQueryPrepared(one, statement.name, count, values.data(), lengths.data(),
                             formats.data(), binary));
  } else {
    sent(PQsendQueryParams(one, statement.text, count, statement.parameters.data(), values.data(),
                           lengths.data(), formats.data(), binary));
  }
}

void postgres_connection::send_end() {
  // Where something could not be handed over what comes behind it must not take effect without it.
  if (broken_) return;
  pg_conn* const one = connection_.get();
  sent(PQpipelineSync(one));
  if (PQflush(one) < 0) broken_ = true;
}

void postgres_connection::send(std::span<const sql_request> requests) {
  for (const sql_request& request : requests) {
    if (!broken_) send_one(request);
  }
  send_end();
}

void postgres_connection::send_texts(std::span<const char* const> texts) {
  for (const char* const text : texts) {
    sent(PQsendQueryParams(connection_.get(), text, 0, nullptr, nullptr, nullptr, nullptr, binary));
  }
  send_end();
}

void postgres_connection::send_preparations(std::span<const sql> which) {
  for (const sql one : which) {
    const sql_statement& statement = statement_of(one);
    sent(PQsendPrepare(connection_.get(), statement.name, statement.text,
                       static_cast<int>(statement.parameters.size()), statement.parameters.data()));
    prepared_[static_cast<std::size_t>(one)] = true;
  }
  send_end();
}

postgres_connection::event postgres_connection::lost() {
  text_ = one_line(PQerrorMessage(connection_.get()));
  if (text_.empty()) text_ = "the connection has ended";
  return {.what = event::kind::lost, .text = text_};
}

/// False at `by`.
bool postgres_connection::wait(bool to_write, time by) {
  const short events = to_write ? POLLIN | POLLOUT : POLLIN;
  return wait_on(PQsocket(connection_.get()), events, by);
}

postgres_connection::event postgres_connection::receive(time by) {
  pg_conn* const one = connection_.get();
  int empty = 0;
  while (!broken_) {
    const int left_to_send = PQflush(one);
    if (left_to_send < 0) break;
    const bool busy = PQisBusy(one) == 1;
    // Before what comes after them.
    if (!warnings_.empty()) {
      text_ = std::move(warnings_.front());
      warnings_.pop_front();
      return {.what = event::kind::warning, .text = text_};
    }
    if (!busy) {
      rows_ = result_rows{PQgetResult(one)};
      // Once between the results of two requests; more often where nothing is under way any more.
      if (rows_.get() == nullptr && ++empty > 2) break;
      if (rows_.get() == nullptr) continue;
      return take_result();
    }
    if (!wait(left_to_send == 1, by)) return {.what = event::kind::late};
    if (PQconsumeInput(one) != 1) break;
  }
  return lost();
}

postgres_connection::event postgres_connection::take_result() {
  pg_result* const given = rows_.get();
  sql_reply reply;
  switch (PQresultStatus(given)) {
    case PGRES_PIPELINE_SYNC:
      return {.what = event::kind::end};
    case PGRES_PIPELINE_ABORTED:
      return {.what = event::kind::reply, .reply = reply};
    case PGRES_TUPLES_OK:
      reply.rows = &rows_;
      [[fallthrough]];
    case PGRES_COMMAND_OK:
      reply.how = sql_reply::kind::done;
      reply.tag = PQcmdStatus(given);
      return {.what = event::kind::reply, .reply = reply};
    case PGRES_FATAL_ERROR: {
      const char* const code = PQresultErrorField(given, PG_DIAG_SQLSTATE);
      // Of libpq itself, or the last that a server said.
      if (code == nullptr || PQstatus(connection_.get()) == CONNECTION_BAD) return lost();
      const char* const message = PQresultErrorField(given, PG_DIAG_MESSAGE_PRIMARY);
      text_ = message != nullptr ? message : "";
      reply.how = sql_reply::kind::failed;
      reply.code = code;
      reply.message = text_;
      return {.what = event::kind::reply, .reply = reply};
    }
    default:
      return lost();
  }
}

bool postgres_connection::has_ended() {
  pg_conn* const one = connection_.get();
  pollfd socket{PQsocket(one), POLLIN, 0};
  // Nothing is under way, so what can be read is a notice, or what a server says before it goes and
  // then the end.
  while (!broken_ && ::poll(&socket, 1, 0) > 0) {
    if (PQconsumeInput(one) != 1) return true;
    // Both, so that it is read as what nobody has asked for: note_warning() is told.
    PQclear(PQgetResult(one));
    (void)PQisBusy(one);
  }
  return broken_ || PQstatus(one) == CONNECTION_BAD;
}

int postgres_connection::server_process() const noexcept { return PQbackendPID(connection_.get()); }

}  // namespace factord::storage
