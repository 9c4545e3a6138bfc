#include "storage/postgres/converse.hpp"

#include <optional>

#include "storage/postgres/failures.hpp"

namespace factord::storage {

result<void> converse(const std::function<exchange_event()>& receive,
                      const std::function<void(const sql_reply&)>& take, std::string* warning) {
  using kind = exchange_event::kind;
  std::optional<error> failed;
  for (;;) {
    const auto event = receive();
    switch (event.what) {
      case kind::warning:
        if (warning != nullptr && warning->empty()) *warning = event.text;
        break;
      case kind::reply:
        if (event.reply.how == sql_reply::kind::failed && !failed) {
          failed = to_error({std::string{event.reply.code}, std::string{event.reply.message}});
        }
        if (event.reply.how != sql_reply::kind::skipped) take(event.reply);
        break;
      case kind::end:
        if (failed) return *std::move(failed);
        return {};
      case kind::lost:
        return error{errc::unavailable, std::string{event.text}};
      case kind::late:
        return error{errc::unavailable, "the database did not answer in time"};
    }
  }
}

}  // namespace factord::storage
