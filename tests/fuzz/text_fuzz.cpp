// The small texts of headers and answers: base64, JSON strings, code points, timeouts, entity tags,
// forms, names and addresses. Each that can be written is read back as it was.

#include <boost/json/parse.hpp>
#include <chrono>
#include <string>

#include "server/protocol/http1/target.hpp"
#include "server/protocol/json/text.hpp"
#include "server/protocol/messages/mail_address.hpp"
#include "server/protocol/rpc/timeout.hpp"
#include "server/protocol/wire/base64.hpp"
#include "server/protocol/wire/entity_tag.hpp"
#include "server/protocol/wire/idempotency_key.hpp"
#include "server/protocol/wire/rpc_form.hpp"
#include "server/service/credentials/caller.hpp"
#include "server/service/text.hpp"
#include "storage/base/check.hpp"
#include "storage/model/lower_case.hpp"
#include "tests/fuzz/input.hpp"

namespace factord::protocol {
namespace {

void check_base64(std::string_view input) {
  for (const padding end : {padding::none, padding::equals}) {
    std::string text;
    append_base64(text, input, end);
    std::string bytes;
    FACTORD_CHECK(decode_base64(text, bytes) && bytes == input);
  }
  std::string bytes;
  if (!decode_base64(input, bytes)) return;
  FACTORD_CHECK(bytes.size() <= input.size() / 4 * 3 + 3);
  std::string text;
  append_base64(text, bytes, padding::none);
  std::string again;
  FACTORD_CHECK(decode_base64(text, again) && again == bytes);
}

void check_json_string(std::string_view input) {
  const auto points = service::count_code_points(input);
  if (points) FACTORD_CHECK(*points <= input.size() && input.size() <= *points * 4);
  FACTORD_CHECK(service::is_storable(input) ==
                (points && input.find('\0') == std::string_view::npos));
  FACTORD_CHECK(service::valid_id(input) ==
                (service::is_storable(input) && *points >= 1 && *points <= 200));
  if (!points) return;
  std::string text;
  append_json_string(text, input);
  boost::json::error_code failed;
  const auto parsed = boost::json::parse({text.data(), text.size()}, failed);
  FACTORD_CHECK(!failed && parsed.is_string());
  const auto& read = parsed.get_string();
  FACTORD_CHECK(std::string_view(read.data(), read.size()) == input);
}

void check_timeouts(std::string_view input) {
  constexpr std::chrono::hours longest(99'999'999);
  for (const auto wait : {parse_grpc_timeout(input), parse_connect_timeout(input)}) {
    FACTORD_CHECK(!wait || (wait->count() >= 0 && *wait <= longest));
  }
  if (const auto wait = parse_connect_timeout(input)) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(*wait);
    FACTORD_CHECK(parse_connect_timeout(std::to_string(ms.count())) == wait);
  }
}

void check_idempotency_key(std::string_view input) {
  std::string key;
  std::string again;
  const bool read = read_idempotency_key(input, key);
  FACTORD_CHECK(read == !key.empty() && key.size() <= idempotency_key_size);
  if (!read) return;
  std::string quoted = "\"";
  for (const char byte : key) {
    if (byte == '"' || byte == '\\') quoted += '\\';
    quoted += byte;
  }
  FACTORD_CHECK(read_idempotency_key(quoted + "\"", again));
  FACTORD_CHECK(again == key);
}

void check_entity_tags(std::string_view input) {
  entity_tag_list list(input);
  entity_tag tag;
  std::size_t seen = 0;
  while (list.next(tag) == next_tag::one) {
    FACTORD_CHECK(++seen <= input.size() / 2);
    FACTORD_CHECK(tag.opaque.find_first_of("\" \t\r\n") == std::string_view::npos);
    const std::uint64_t sequence = sequence_of_tag(tag.opaque);
    if (sequence == 0) continue;
    FACTORD_CHECK(to_entity_tag(sequence) == "\"" + std::string(tag.opaque) + "\"");
  }
}

void check_names(std::string_view input) {
  if (const auto which = service::find_role(input)) FACTORD_CHECK(name(*which) == input);
  const rpc_form form = find_rpc_form(input);
  FACTORD_CHECK(find_rpc_form(traits(form).content_type) == form);
  std::string target;
  if (http1::reduce_target(input, true, host_rule::checked, target)) {
    FACTORD_CHECK(target.starts_with('/') || target == "*");
    std::string again;
    FACTORD_CHECK(http1::reduce_target(target, true, host_rule::checked, again) && again == target);
  }
  if (is_host(input)) FACTORD_CHECK(input.find_first_of("/@?# \r\n") == std::string::npos);
}

// What may be stored of them, and under which key.
void check_users(std::string_view input) {
  const std::string_view kept = service::trimmed(input);
  FACTORD_CHECK(input.find(kept) != std::string_view::npos && service::trimmed(kept) == kept);
  std::string key;
  storage::append_lower_case(key, input);
  std::string again;
  storage::append_lower_case(again, key);
  FACTORD_CHECK(again == key);
  FACTORD_CHECK(service::count_code_points(key) == service::count_code_points(input));

  const mail_address verdict = judge_mail_address(input);
  if (verdict == mail_address::bad) return;
  FACTORD_CHECK(service::is_storable(input) || input.find('(') != std::string_view::npos);
  FACTORD_CHECK(input.find('@') != std::string_view::npos);
  FACTORD_CHECK(judge_mail_address(" " + std::string(input) + "\t") == verdict);
}

}  // namespace
}  // namespace factord::protocol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace factord::protocol;
  const std::string_view input = factord::fuzz::as_text(data, size);
  check_base64(input);
  check_json_string(input);
  check_timeouts(input);
  check_entity_tags(input);
  check_idempotency_key(input);
  check_names(input);
  check_users(input);
  return 0;
}
