#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

#include "server/jwt/issuer_keys.hpp"
#include "server/jwt/issuer_rules.hpp"
#include "storage/base/error.hpp"

namespace factord::jwt {

/// When the keys of one issuer are asked for, and what an answer changes. It asks nobody and has no
/// clock: whoever calls it does, and tells it. One thread.
///
/// Keys from a network are asked for at once, again every 10 minutes or when their answer says
/// (Cache-Control: max-age), for a `kid` that is not among them at most every 30 s, and after a
/// failure in growing intervals. The last good set serves for 24 hours. A file is read once, and
/// whenever somebody says so, and serves on.
class key_keeper {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::minutes refresh_usual{10};
  static constexpr std::chrono::seconds refresh_min{30};  ///< whatever an answer says
  static constexpr std::chrono::hours refresh_max{1};
  static constexpr std::chrono::seconds between_misses{30};
  static constexpr std::chrono::seconds retry_first{1};  ///< twice as long each time, up to
  static constexpr std::chrono::seconds retry_last{60};
  static constexpr std::chrono::hours good_for{24};

  /// What a good answer was.
  enum class news {
    first,    ///< there were none before
    changed,  ///< others than before
    same,
  };

  /// `keys` outlives it.
  key_keeper(issuer_keys& keys, key_place::kind from)
      : keys_(keys), is_file_(from == key_place::kind::file) {}

  /// Whether they are to be asked for now. Then answered() or failed() follows.
  [[nodiscard]] bool take_due(time_point now);
  /// They are due, whenever they were last asked for.
  void ask_again() noexcept { next_ = time_point::min(); }

  /// There was an answer: those who check tokens have its keys from here on. What is no key set
  /// fails as parse_key_set() does, changes nothing, and counts as a failure.
  [[nodiscard]] result<news> answered(std::string_view json, std::string_view cache_control,
                                      time_point now);
  void failed(time_point now) noexcept;

  /// Takes keys away that are too old: whether it did just now.
  [[nodiscard]] bool withdraw_old(time_point now);

 private:
  issuer_keys& keys_;
  const bool is_file_;
  time_point next_ = time_point::min();
  time_point next_for_missed_ = time_point::min();
  time_point good_until_ = time_point::max();
  unsigned failures_ = 0;  ///< since the last good answer
  bool missed_ = false;
};

}  // namespace factord::jwt
