#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace factord::storage {

/// An ordered map in two layers: one that stays, and above it what was changed since, which can be
/// taken away at once. One thread at a time.
class layered_map {
 public:
  /// A key and what it is set to; nothing: erased.
  using layer = std::map<std::string, std::optional<std::string>, std::less<>>;

  /// What stands under a key, until the map is changed; null: nothing.
  [[nodiscard]] const std::string* find(std::string_view key) const;
  void put(std::string_view key, std::string value);
  void erase(std::string_view key);

  /// What there is now stays. Once, while nothing does yet (checked).
  void keep();
  /// Takes away what was changed since keep(), and hands it out: to end all of it takes a while.
  [[nodiscard]] layer drop();

  /// A walk upwards, valid until the map is changed.
  class cursor {
   public:
    [[nodiscard]] bool at_end() const noexcept { return entry_ == nullptr; }
    [[nodiscard]] const std::string& key() const noexcept { return entry_->first; }
    [[nodiscard]] const std::string& value() const noexcept { return *entry_->second; }
    void next();

   private:
    friend class layered_map;
    cursor(const layered_map& of, std::string_view first);
    void step();
    void settle();

    layer::const_iterator below_;
    layer::const_iterator above_;
    const layer::const_iterator below_end_;
    const layer::const_iterator above_end_;
    const layer::value_type* entry_ = nullptr;
  };
  /// From the first key that is not less than this one.
  [[nodiscard]] cursor from(std::string_view key) const { return {*this, key}; }

  /// The last key that is less than this one, until the map is changed; null: there is none.
  [[nodiscard]] const std::string* last_below(std::string_view key) const;

 private:
  layer below_;  ///< of what stays: every key has a value
  layer above_;  ///< and what was changed
};

/// The least key that is greater than this one.
[[nodiscard]] inline std::string next_key(std::string_view key) { return std::string{key} + '\0'; }

}  // namespace factord::storage
