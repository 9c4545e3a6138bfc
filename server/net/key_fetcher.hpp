#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/base/repeated_line.hpp"
#include "server/jwt/issuer_keys.hpp"
#include "server/jwt/key_keeper.hpp"
#include "server/metrics/facts.hpp"
#include "server/net/http_client.hpp"
#include "server/net/issuer_options.hpp"
#include "server/service/credentials/jwt_issuers.hpp"
#include "storage/base/error.hpp"
#include "storage/base/thread.hpp"

namespace factord::net {

/// Looks at the files that are named: keys, and whom to trust. errc::bad_argument with the path and
/// what is wrong.
[[nodiscard]] result<void> check_files(const issuer_options& of);

struct key_fetcher_patience {
  /// For the keys of one issuer, however many questions that takes.
  std::chrono::milliseconds fetch{5'000};
  /// How long a start waits for those who answer.
  std::chrono::milliseconds start{1'000};
};

/// Has the keys of all identity providers, and keeps them as they are there: one thread asks them,
/// one after the other, off the way of every request. When, key_keeper says. Nobody is asked but
/// whom the options name, and where discovery of that one leads (parse_provider_url).
class key_fetcher {
 public:
  explicit key_fetcher(issuer_options issuers, key_fetcher_patience patience = {});
  /// What is being asked is left.
  ~key_fetcher();
  key_fetcher(const key_fetcher&) = delete;
  key_fetcher& operator=(const key_fetcher&) = delete;

  /// By index of the issuers, as long as this lives. Any thread.
  [[nodiscard]] jwt::issuer_keys& keys(std::size_t index) noexcept { return issuers_[index]->keys; }
  /// All of them, for who checks tokens; as long as this lives.
  [[nodiscard]] const service::jwt_issuers& issuers() const noexcept { return trusted_; }

  /// Reads the files, and fails where one is no good; then the thread begins, and has a second in
  /// which to ask everybody once, so that a start knows the keys of those who answer. They share
  /// that: who is silent keeps no time of those behind it, up to three of them. Once.
  [[nodiscard]] result<void> begin();

  /// Has all keys asked for again, files too, and logs what came of it. Any thread.
  void ask_again();

  /// How things stand. Any thread.
  [[nodiscard]] std::vector<metrics::issuer_facts> look() const;

 private:
  using time_point = jwt::key_keeper::time_point;

  struct issuer {
    explicit issuer(const issuer_option& of) : rules(of.rules), keeper(keys, of.rules.keys.which) {
      facts.issuer = of.rules.issuer;
    }

    const jwt::issuer_rules& rules;
    jwt::issuer_keys keys;
    jwt::key_keeper keeper;
    repeated_line failures;
    bool tells = false;           ///< what came of it, whatever that is
    metrics::issuer_facts facts;  ///< guarded by mutex_
  };

  void run() noexcept;
  void look_after(issuer& one);
  [[nodiscard]] result<void> fetch(issuer& one);
  [[nodiscard]] result<http_answer> ask(const issuer& one);
  /// errc::bad_argument where there is an answer that leads nowhere, errc::unavailable where there
  /// is none, or none of 200.
  [[nodiscard]] result<http_answer> follow(std::string_view described, const issuer& one,
                                           const http_url& by, time_point deadline);
  /// `named`: for the error.
  [[nodiscard]] result<http_answer> ask_at(const std::string& named, const http_url& where,
                                           time_point deadline);
  /// What one of so many that are left has of the start's time.
  [[nodiscard]] std::chrono::milliseconds start_share(std::ptrdiff_t among) const;
  void use(issuer& one, jwt::key_keeper::news what);
  void count(issuer& one, std::uint64_t metrics::issuer_facts::*what);
  /// Until there may be something to do.
  void pause();
  [[nodiscard]] bool is_over() const;

  // Constant after construction.
  const issuer_options all_;
  const key_fetcher_patience patience_;
  std::vector<std::unique_ptr<issuer>> issuers_;
  service::jwt_issuers trusted_;

  // The thread's, and before it is there begin()'s.
  http_client client_;
  time_point start_end_{};
  std::chrono::milliseconds one_patience_{};  ///< with whom is asked now

  mutable std::mutex mutex_;
  std::condition_variable woken_;
  // Guarded by mutex_.
  bool ending_ = false;
  bool asked_again_ = false;
  bool asked_all_ = false;  ///< each once

  thread thread_;
};

}  // namespace factord::net
