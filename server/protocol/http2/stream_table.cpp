#include "server/protocol/http2/stream_table.hpp"

#include <utility>

namespace factord::protocol::http2 {
namespace {

// Streams whose memory is kept for the next ones.
constexpr std::size_t kept_streams = 16;

}  // namespace

stream& stream_table::open(std::int32_t id) {
  if (spare_.empty()) spare_.push_back(std::make_unique<stream>());
  open_.push_back(std::move(spare_.back()));
  spare_.pop_back();
  stream& opened = *open_.back();
  opened.begin(id);
  opened.place = open_.size() - 1;
  return opened;
}

void stream_table::close(stream& done) {
  const std::size_t place = done.place;
  std::swap(open_[place], open_.back());
  open_[place]->place = place;
  if (spare_.size() < kept_streams) {
    done.clear();
    spare_.push_back(std::move(open_.back()));
  }
  open_.pop_back();
}

std::size_t stream_table::held_bytes() const {
  std::size_t bytes = 0;
  for (const auto& one : open_) bytes += one->held_bytes();
  for (const auto& one : spare_) bytes += one->held_bytes();
  return bytes;
}

}  // namespace factord::protocol::http2
