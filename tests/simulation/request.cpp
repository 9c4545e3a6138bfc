#include "tests/simulation/request.hpp"

#include <array>
#include <charconv>

#include "storage/base/check.hpp"

namespace factord::simulation {
namespace {

struct form {
  std::string_view name;
  std::string_view method;
  std::string_view before;  ///< of the path, the target's id
  std::string_view after;
};

constexpr std::array forms{
    form{"remove_otp", "DELETE", "/v2/users/", "/otp_email"},
    form{"add_otp", "POST", "/v2/users/", "/otp_email"},
    form{"list_methods", "GET", "/v2/users/", "/authentication_methods"},
    form{"add_user", "POST", "/v2/users/human", ""},
    form{"lock", "POST", "/v2/users/", "/lock"},
    form{"unlock", "POST", "/v2/users/", "/unlock"},
    form{"deactivate", "POST", "/v2/users/", "/deactivate"},
    form{"reactivate", "POST", "/v2/users/", "/reactivate"},
    form{"delete_user", "DELETE", "/v2/users/", ""},
    form{"get_user", "GET", "/v2/users/", ""},
    form{"list_events", "GET", "/v2/events", ""},
    form{"live", "GET", "/livez", ""},
    form{"bulk", "POST", "/v2/users/otp_email/_bulk_remove", ""},
    form{"create_token", "POST", "/admin/v1/tokens", ""},
    form{"revoke_token", "DELETE", "/admin/v1/tokens/", ""},
};

const form& form_of(ask what) { return forms[static_cast<std::size_t>(what)]; }

std::string path(const request_seen& asked) {
  const form& how = form_of(asked.what);
  if (asked.deadline_ms) return "/zitadel.user.v2.UserService/RemoveOTPEmail";
  std::string text(how.before);
  if (asked.what == ask::list_events) {
    return text + "?after=" + std::to_string(asked.after) + "&limit=" + std::to_string(asked.limit);
  }
  const bool named =
      asked.what != ask::add_user && asked.what != ask::create_token && asked.what != ask::live;
  return named ? text + asked.target + std::string(how.after) : text;
}

std::string list_of(const std::vector<std::uint64_t>& tags) {
  if (tags.empty()) return "*";
  std::string list;
  for (const std::uint64_t tag : tags) {
    list += (list.empty() ? "\"" : ", \"") + std::to_string(tag) + "\"";
  }
  return list;
}

std::string body(const request_seen& asked) {
  if (asked.deadline_ms) return R"({"userId":")" + asked.target + R"("})";
  if (asked.what == ask::add_user) {
    return R"({"userId":")" + asked.target + R"(","username":")" + asked.username +
           R"(","organization":{"orgId":")" + asked.org +
           R"("},"profile":{"givenName":"A","familyName":"B"},"email":{"email":"a@b.ch","isVerified":)" +
           (asked.verified ? "true" : "false") + "}}";
  }
  if (asked.what == ask::create_token) {
    const std::string org = asked.org.empty() ? "" : R"(,"organization":")" + asked.org + "\"";
    return R"({"userId":")" + asked.target + R"(","roles":[")" + asked.role + "\"]" + org + "}";
  }
  return {};
}

}  // namespace

bool writes(ask what) {
  return what != ask::list_methods && what != ask::get_user && what != ask::list_events &&
         what != ask::live && what != ask::bulk;
}

std::string to_http(const request_seen& asked) {
  const std::string content = body(asked);
  std::string text(asked.deadline_ms ? "POST" : form_of(asked.what).method);
  text += " " + path(asked) + " HTTP/1.1\r\nHost: h\r\n";
  if (!asked.token.empty()) text += "Authorization: Bearer " + asked.token + "\r\n";
  if (asked.deadline_ms) {
    text += "Content-Type: application/json\r\nConnect-Timeout-Ms: " +
            std::to_string(*asked.deadline_ms) + "\r\n";
  }
  if (asked.if_match) text += "If-Match: " + list_of(*asked.if_match) + "\r\n";
  if (!asked.key.empty()) text += "Idempotency-Key: " + asked.key + "\r\n";
  if (!content.empty()) text += "Content-Length: " + std::to_string(content.size()) + "\r\n";
  return text + "\r\n" + content;
}

std::string to_text(const request_seen& asked) {
  std::string text = "#" + std::to_string(asked.id) + " ";
  text += form_of(asked.what).name;
  text += " " + asked.target + " " + asked.org + " " + asked.username;
  if (asked.what == ask::list_events) text += std::to_string(asked.after);
  if (!asked.token.empty()) text += " by " + asked.token.substr(0, 6);
  if (asked.if_match) text += " if " + list_of(*asked.if_match);
  if (!asked.key.empty()) text += " key " + asked.key;
  if (asked.dry_run) text += " dry";
  return text + " at " + std::to_string(asked.first_position);
}

std::optional<answer_seen> take_answer(std::string& bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string::npos) return std::nullopt;
  answer_seen seen;
  std::from_chars(bytes.data() + 9, bytes.data() + 12, seen.status);
  if (seen.status < 200) {
    bytes.erase(0, end + 4);
    return take_answer(bytes);
  }
  std::size_t length = 0;
  const std::size_t at = bytes.find("Content-Length: ");
  FACTORD_CHECK(at < end);
  std::from_chars(bytes.data() + at + 16, bytes.data() + end, length);
  if (bytes.size() < end + 4 + length) return std::nullopt;
  const std::size_t tag = bytes.find("ETag: \"");
  if (tag < end) std::from_chars(bytes.data() + tag + 7, bytes.data() + end, seen.tag);
  seen.replayed = bytes.find("Idempotency-Replayed: true\r\n") < end;
  seen.body = bytes.substr(end + 4, length);
  bytes.erase(0, end + 4 + length);
  return seen;
}

}  // namespace factord::simulation
