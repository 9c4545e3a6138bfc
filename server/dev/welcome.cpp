#include "server/dev/welcome.hpp"

#include <string_view>

#include "server/dev/test_store.hpp"
#include "server/protocol/json/text.hpp"
#include "server/protocol/json/writer.hpp"
#include "storage/commit/seed_users.hpp"

namespace factord::dev {
namespace {

std::string url_of(const net::listen_address& where, bool tls) {
  const std::string text = net::to_text(where);
  if (where.is_unix()) return text;
  return (tls && !where.plain ? "https://" : "http://") + text;
}

void write_urls(const std::vector<std::string>& all, std::string& out) {
  protocol::append_json_array(out, all, [](const std::string& one, std::string& to) {
    protocol::append_json_string(to, one);
  });
}

}  // namespace

void welcome::serves(const net::listen_address& where) {
  urls_.push_back(url_of(where, known_.tls));
  say_if_complete();
}

void welcome::is_watched(const net::listen_address& where) {
  monitoring_.push_back(url_of(where, false));
  say_if_complete();
}

void welcome::say_if_complete() {
  if (urls_.size() + monitoring_.size() == known_.listeners) say_(line());
}

std::string welcome::line() const {
  std::string out;
  write(out);
  return out;
}

void welcome::write(std::string& out) const {
  protocol::json_writer object(out);
  object.text("url", urls_.front());
  object.text("admin", known_.admin_socket.string());
  object.text("token", known_.token);
  {
    protocol::json_writer users(object.field("users"));
    users.text("first", storage::first_seed_id);
    users.field("count") += std::to_string(known_.users);
    users.text("org", test_org);
  }
  if (urls_.size() > 1) write_urls(urls_, object.field("urls"));
  if (!monitoring_.empty()) write_urls(monitoring_, object.field("monitoring"));
}

}  // namespace factord::dev
