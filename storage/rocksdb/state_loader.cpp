#include "storage/rocksdb/state_loader.hpp"

#include <utility>

#include "storage/base/machine_share.hpp"
#include "storage/model/keys.hpp"

namespace factord::storage {
namespace {

// Fewer are found before another thread has woken up.
constexpr std::size_t shared_from = 192;

}  // namespace

state_loader::state_loader(const rocksdb_database& database)
    : wanted_(database),
      expected_(database),
      take_wanted_([this] { wanted_.take_parts(); }),
      take_expected_([this] { expected_.take_parts(); }) {
  if (database.read_only() || find_machine_share().cores == 1) return;
  helper_ = std::make_unique<helper_thread>("loader");
}

result<void> state_loader::load(state_table& table) {
  use_expected(table);
  look_up();
  result<void> loaded;
  for (std::size_t i = 0; i < wanted_.size(); ++i) {
    const auto found = wanted_.found(i);
    if (found) {
      table.set_loaded(places_[i], *found);
    } else if (loaded) {
      loaded = found.error();
    }
  }
  wanted_.clear();
  return loaded;
}

/// Fills what was found ahead, and lists what is wanted still: what could not be read then, too.
void state_loader::use_expected(state_table& table) {
  places_.clear();
  end_expecting();
  std::size_t next = 0;
  for (std::size_t i = 0; i < table.size(); ++i) {
    const std::string_view key = table.key(i);
    if (is_last_event_key(key)) continue;
    if (next < expected_.size() && expected_.key(next) == key) {
      if (const auto found = expected_.found(next++)) {
        table.set_loaded(i, *found);
        continue;
      }
    }
    wanted_.add(key);
    places_.push_back(i);
  }
  expected_.clear();
}

void state_loader::look_up() {
  wanted_.begin();
  if (helper_ == nullptr || wanted_.size() < shared_from) return wanted_.take_parts();
  helper_->share(take_wanted_);
}

void state_loader::expect(const state_table& next) {
  forget();
  if (helper_ == nullptr || next.size() < shared_from) return;
  for (std::size_t i = 0; i < next.size(); ++i) {
    if (!is_last_event_key(next.key(i))) expected_.add(next.key(i));
  }
  expected_.begin();
  helper_->offer(take_expected_);
  expecting_ = true;
}

void state_loader::end_expecting() {
  if (std::exchange(expecting_, false)) helper_->finish();
}

void state_loader::note_commit(const state_table& committed) {
  end_expecting();
  expected_.forget_changed(committed);
}

void state_loader::forget() {
  end_expecting();
  expected_.clear();
}

}  // namespace factord::storage
