// The Authorization field, through the real service: nothing but the token itself is let in, and
// every refusal is one of the three that clients know.

#include <functional>
#include <string>
#include <utility>

#include "server/service/call_pool.hpp"
#include "server/service/user_service.hpp"
#include "storage/base/check.hpp"
#include "storage/memory_engine.hpp"
#include "tests/fuzz/input.hpp"

namespace factord::service {
namespace {

/// A store with one token in it. Lives as long as the process: an input changes nothing in it.
class server {
 public:
  server() {
    call work(0);
    work.op = operation::create_token;
    work.in.trusted = true;
    work.in.user_id = "admin";
    work.in.roles.add(role::iam_owner);
    token_ = ask(work).token;
    FACTORD_CHECK(token_.size() == 43);
  }

  const std::string& token() const { return token_; }

  const answer& ask(call& work) {
    users_.start(work);
    queue_.run_batch(timestamp{});
    FACTORD_CHECK(std::exchange(delivered_, nullptr) == &work);
    return work.out;
  }

 private:
  storage::commit_hooks hooks() {
    storage::commit_hooks made;
    made.complete = [this](std::uint32_t, std::span<storage::command* const> done) {
      FACTORD_CHECK(done.size() == 1 && delivered_ == nullptr);
      delivered_ = static_cast<call*>(done.front());
    };
    return made;
  }

  storage::memory_engine store_{"store"};
  token_generation generation_;
  counters tally_;
  storage::commit_queue queue_{store_, {}, hooks(), 1};
  call* delivered_ = nullptr;
  user_service users_{environment{store_,
                                  queue_,
                                  generation_,
                                  tally_,
                                  [] { return timestamp{}; },
                                  [] { return std::chrono::steady_clock::time_point{}; },
                                  [](std::span<unsigned char> out) {
                                    for (unsigned char& byte : out) byte = 7;
                                  },
                                  {},
                                  [](const std::function<void()>& run) { run(); },
                                  [this](call& done) {
                                    FACTORD_CHECK(delivered_ == nullptr);
                                    delivered_ = &done;
                                  }}};
  std::string token_;
};

void check_field(server& real, std::string_view field) {
  call work(0);
  work.op = operation::get_user;
  work.in.user_id = "nobody";
  work.in.has_authorization = true;
  work.in.authorization = field;
  const answer& told = real.ask(work);
  const bool good = field == "Bearer " + real.token();
  FACTORD_CHECK((told.code == status_code::unauthenticated) == !good);
  if (good) {
    FACTORD_CHECK(told.code == status_code::not_found);
  } else {
    FACTORD_CHECK(told.error_id == "AUTH-7fs1e");
    FACTORD_CHECK(told.message ==
                  (field.starts_with("Bearer ") ? "Errors.Token.Invalid" : "invalid auth header"));
  }
}

void check(std::string_view input) {
  static server real;
  check_field(real, input);
  check_field(real, "Bearer " + std::string(input));
  // The token with one byte more, less or other. None of them is the token.
  std::string near = "Bearer " + real.token();
  fuzz::cursor in(input);
  near.insert(in.byte() % near.size(), in.take(in.byte() % 4));
  if (!in.empty()) near.erase(in.byte() % near.size(), in.byte() % 4);
  if (!in.empty()) near[in.byte() % near.size()] = static_cast<char>(in.byte());
  check_field(real, near);
}

}  // namespace
}  // namespace factord::service

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  factord::service::check(factord::fuzz::as_text(data, size));
  return 0;
}
