#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "server/base/log.hpp"
#include "server/base/reporting.hpp"
#include "server/protocol/wire/request.hpp"
#include "server/protocol/wire/response.hpp"
#include "server/protocol/wire/route.hpp"
#include "server/service/call.hpp"
#include "storage/base/clock.hpp"

namespace factord::protocol {

/// Writes a line of the log for each request that the rules want one of, once it is answered: who
/// asked for what, what came of it, and where the time went. Never what a credential was shown by.
/// A bulk has one line, a stream of events one at its end. One thread's.
///
/// Whoever has not been let in could fill the log, by faults too: what strangers met has lines with
/// access_level::all alone.
class access_log {
 public:
  /// Takes a line without its end.
  using sink = std::function<void(log::level severity, std::string_view line)>;

  access_log(const access_rules& rules, std::function<timestamp()> now, sink to)
      : rules_(rules), now_(std::move(now)), to_(std::move(to)) {}

  /// A call that is answered to its end.
  void note(const service::call& done, surface on) { note_call(done, name(on)); }
  /// The same of one whose connection was gone by then, and with it where it came in. Of a line of
  /// a bulk nothing: that has one line.
  void note_unheard(const service::call& done) {
    if (done.line == 0) note_call(done, {});
  }

  /// A request that is no call.
  void note(const request& incoming, const service::request_context& context, surface on,
            const response& out);

 private:
  void note_call(const service::call& done, std::string_view listener);
  [[nodiscard]] bool wants(bool error, const service::call& done) const;
  void write(bool error, std::span<const log::item> details) noexcept;

  const access_rules rules_;
  const std::function<timestamp()> now_;
  const sink to_;
  std::string line_;
};

}  // namespace factord::protocol
