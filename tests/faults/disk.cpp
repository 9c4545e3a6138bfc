#include "tests/faults/disk.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace factord::storage::testing {

namespace fs = std::filesystem;

namespace {

std::size_t up_to(std::size_t most, std::mt19937_64& random) {
  return std::uniform_int_distribution<std::size_t>{0, most}(random);
}

bool coin(std::mt19937_64& random) { return up_to(1, random) == 1; }

}  // namespace

file_contents read_files(const fs::path& directory) {
  file_contents files;
  for (const auto& entry : fs::directory_iterator{directory}) {
    std::ifstream in{entry.path(), std::ios::binary};
    files[entry.path().filename().string()] = {std::istreambuf_iterator<char>{in}, {}};
  }
  return files;
}

void write_files(const fs::path& directory, const file_contents& files) {
  fs::create_directories(directory);
  for (const auto& [name, content] : files) {
    std::ofstream out{directory / name, std::ios::binary | std::ios::trunc};
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
    if (!out.flush()) throw std::runtime_error{"cannot write " + name};
  }
}

fs::path scratch_space() {
  const fs::path memory = "/dev/shm";
  std::error_code failure;
  const auto space = fs::space(memory, failure);
  constexpr std::uintmax_t enough = 32U << 20U;
  return !failure && space.available > enough ? memory : fs::temp_directory_path();
}

disk::disk(const file_contents& files) {
  for (const auto& [name, content] : files) {
    durable_[name] = std::make_shared<file>(file{.durable = content, .pending = {}});
  }
  now_ = durable_;
}

void disk::set_name(std::string_view name, std::shared_ptr<file> to) {
  if (to) {
    now_[std::string{name}] = to;
  } else {
    now_.erase(now_.find(name));
  }
  pending_.push_back({std::string{name}, std::move(to)});
}

void disk::apply(const file_event& event, bool ok) {
  const auto found = now_.find(event.name);
  const auto named = found == now_.end() ? nullptr : found->second;
  switch (event.act) {
    case file_act::create:
      if (named) return named->pending.push_back({true, 0, {}, false});
      return set_name(event.name, std::make_shared<file>());
    case file_act::write:
      return named->pending.push_back({false, event.offset, std::string{event.bytes}, false});
    case file_act::truncate:
      return named->pending.push_back({true, event.offset, {}, false});
    case file_act::sync:
      for (change& waiting : named->pending) {
        if (!ok) waiting.forgotten = true;
        if (!waiting.forgotten) apply_change(named->durable, waiting);
      }
      if (ok) std::erase_if(named->pending, [](const change& c) { return !c.forgotten; });
      return;
    case file_act::rename:
      set_name(event.target, named);
      return set_name(event.name, nullptr);
    case file_act::remove:
      return set_name(event.name, nullptr);
    case file_act::sync_directory:
      pending_.clear();
      durable_ = now_;
      return;
  }
}

void disk::apply_change(std::string& content, const change& wanted) {
  if (wanted.truncates) return content.resize(wanted.offset, '\0');
  const std::size_t end = wanted.offset + wanted.bytes.size();
  if (content.size() < end) content.resize(end, '\0');
  content.replace(wanted.offset, wanted.bytes.size(), wanted.bytes);
}

file_contents disk::after(power_cut cut, std::mt19937_64& random) const {
  names there = durable_;
  std::size_t renamed = cut == power_cut::loses ? 0 : pending_.size();
  if (cut == power_cut::tears || cut == power_cut::scatters) renamed = up_to(renamed, random);
  for (std::size_t i = 0; i < renamed; ++i) {
    if (pending_[i].to) {
      there[pending_[i].name] = pending_[i].to;
    } else {
      there.erase(pending_[i].name);
    }
  }
  file_contents files;
  for (const auto& [name, one] : there) files[name] = content_after(*one, cut, random);
  return files;
}

std::string disk::content_after(const file& one, power_cut cut, std::mt19937_64& random) {
  std::string content = one.durable;
  switch (cut) {
    case power_cut::loses:
      break;
    case power_cut::keeps:
      for (const change& waiting : one.pending) apply_change(content, waiting);
      break;
    case power_cut::tears:
      tear(content, one, random);
      break;
    case power_cut::scatters:
      scatter(content, one, random);
      break;
  }
  return content;
}

void disk::tear(std::string& content, const file& one, std::mt19937_64& random) {
  if (one.pending.empty()) return;
  const std::size_t whole = up_to(one.pending.size() - 1, random);
  for (std::size_t i = 0; i < whole; ++i) apply_change(content, one.pending[i]);
  change cut = one.pending[whole];
  cut.bytes.resize(up_to(cut.bytes.size(), random));
  if (!cut.truncates) apply_change(content, cut);
}

void disk::scatter(std::string& content, const file& one, std::mt19937_64& random) {
  for (const change& waiting : one.pending) {
    if (!waiting.truncates) {
      scatter_write(content, waiting, random);
    } else if (coin(random)) {
      apply_change(content, waiting);
    }
  }
}

void disk::scatter_write(std::string& content, const change& wanted, std::mt19937_64& random) {
  const std::string_view bytes = wanted.bytes;
  std::size_t at = 0;
  while (at < bytes.size() && wanted.offset + at < content.size()) {
    const std::size_t to_sector = sector_bytes - (wanted.offset + at) % sector_bytes;
    const std::size_t size =
        std::min({to_sector, bytes.size() - at, content.size() - (wanted.offset + at)});
    if (coin(random)) content.replace(wanted.offset + at, size, bytes.substr(at, size));
    at += size;
  }
  // The rest appends: only where the file ends just there, and a beginning of it.
  if (at == bytes.size() || wanted.offset + at != content.size()) return;
  const std::size_t rest = bytes.size() - at;
  content += bytes.substr(at, coin(random) ? rest : up_to(rest, random));
}

}  // namespace factord::storage::testing
