#include "server/protocol/tls/stream.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <optional>

#include "tests/support/tls_peer.hpp"
#include "tests/unit/support/temp_directory.hpp"

namespace factord::protocol::tls_stream_test {
namespace {

using namespace std::string_view_literals;
using factord::testing::make_certificate;
using factord::testing::tls_peer;

class tls_stream_test : public ::testing::Test {
 protected:
  tls_stream_test()
      : files_(make_certificate(directory_.path(), "one")),
        context_(tls_context::load(files_).value()) {
    stream_.emplace(*context_);
  }

  /// Gives the stream what the peer has to send, `step` bytes at a time, and reads all it makes of
  /// it.
  void to_stream(std::string_view bytes, std::size_t step) {
    std::array<char, 1000> space;
    while (!bytes.empty()) {
      const std::span<char> room = stream_->lend();
      const std::size_t size = std::min({room.size(), bytes.size(), step});
      std::copy_n(bytes.data(), size, room.data());
      stream_->commit(size);
      bytes.remove_prefix(size);
      while (stream_->readable() && !over()) {
        const std::size_t got = stream_->read(space);
        read_.append(space.data(), got);
      }
    }
  }

  void to_peer(tls_peer& peer) {
    peer.feed(stream_->unsent());
    stream_->unsent().clear();
  }

  /// True where both sides came to an end of the handshake.
  bool handshake(tls_peer& peer, std::size_t step = 4096) {
    while (!peer.handshake() && !peer.failed() && !over()) {
      to_stream(peer.output(), step);
      to_peer(peer);
    }
    to_stream(peer.output(), step);
    to_peer(peer);
    return !stream_->handshaking();
  }

  /// Writes all of it, sending whenever there is no room.
  void write(tls_peer& peer, std::string_view bytes) {
    while (!bytes.empty()) {
      bytes.remove_prefix(stream_->write(bytes));
      to_peer(peer);
    }
  }

  [[nodiscard]] bool over() const { return stream_->ended() || stream_->broken(); }

  const temp_directory directory_;
  const tls_files files_;
  shared_tls context_;
  std::optional<tls_stream> stream_;
  std::string read_;
};

// Of a handshake message that never ends OpenSSL keeps all that came: it must count.
TEST_F(tls_stream_test, half_a_handshake_is_memory) {
  const std::size_t quiet = stream_->held_bytes();
  constexpr std::size_t record = 16'000;
  std::string hello = "\x01\x01\xff\xff";  // a ClientHello of 131,071 bytes
  hello.resize(record, '\0');
  for (int i = 0; i < 5; ++i) {
    to_stream("\x16\x03\x01" +
                  std::string{static_cast<char>(record >> 8U), static_cast<char>(record & 0xFFU)} +
                  hello,
              4096);
    hello.assign(record, '\0');
  }
  EXPECT_TRUE(stream_->handshaking() && !stream_->broken());
  EXPECT_GE(stream_->held_bytes(), quiet + 5 * record);
}

TEST_F(tls_stream_test, carries_bytes_however_they_come) {
  for (const std::size_t step : {1U, 2U, 7U, 100U, 4096U}) {
    SCOPED_TRACE(step);
    stream_.emplace(*context_);
    read_.clear();
    tls_peer peer;
    ASSERT_TRUE(handshake(peer, step));
    peer.write("hello");
    to_stream(peer.output(), step);
    EXPECT_EQ(read_, "hello");
    write(peer, "world");
    EXPECT_EQ(peer.read(), "world");
    EXPECT_FALSE(over());
  }
}

TEST_F(tls_stream_test, carries_much_in_pieces) {
  tls_peer peer;
  ASSERT_TRUE(handshake(peer));
  std::string much(1 << 20, '\0');
  for (std::size_t i = 0; i < much.size(); ++i) much[i] = static_cast<char>(i * 7 / 3);
  peer.write(much);
  to_stream(peer.output(), 5000);
  EXPECT_TRUE(read_ == much);

  // Not more than it has room for, which is bounded.
  const std::size_t taken = stream_->write(much);
  EXPECT_TRUE(stream_->is_full());
  EXPECT_LT(stream_->unsent().size(), 100'000U);
  EXPECT_EQ(stream_->write(much), 0U);
  to_peer(peer);
  write(peer, std::string_view(much).substr(taken));
  EXPECT_TRUE(peer.read() == much);
  EXPECT_FALSE(over());
}

TEST_F(tls_stream_test, agrees_on_a_version) {
  using enum protocol::http_version;
  const struct {
    std::string_view offered;
    std::string agreed;
    protocol::http_version version;
  } cases[] = {{"\x02h2\x08http/1.1", "h2", http2},
               {"\x08http/1.1\x02h2", "h2", http2},
               {"\x08http/1.1", "http/1.1", http1},
               {"\x03"
                "foo\x08http/1.1",
                "http/1.1", http1},
               {"", "", http1}};
  for (const auto& one : cases) {
    stream_.emplace(*context_);
    tls_peer peer(one.offered);
    EXPECT_FALSE(stream_->take_agreed());
    ASSERT_TRUE(handshake(peer));
    EXPECT_EQ(peer.protocol(), one.agreed);
    EXPECT_EQ(stream_->take_agreed(), one.version);
    EXPECT_FALSE(stream_->take_agreed());
  }
}

TEST_F(tls_stream_test, no_version_in_common_is_an_alert) {
  tls_peer peer("\x08http/1.0");
  EXPECT_FALSE(handshake(peer));
  EXPECT_TRUE(stream_->broken());
  EXPECT_TRUE(peer.failed() || !peer.handshake());
}

TEST_F(tls_stream_test, ends_both_ways) {
  tls_peer peer;
  ASSERT_TRUE(handshake(peer));
  peer.write("last");
  peer.end();
  to_stream(peer.output(), 4096);
  EXPECT_EQ(read_, "last");
  EXPECT_TRUE(stream_->ended());
  // The other direction is still open.
  write(peer, "answer");
  EXPECT_EQ(peer.read(), "answer");
  EXPECT_FALSE(peer.ended());
  stream_->end();
  to_peer(peer);
  EXPECT_EQ(peer.read(), "");
  EXPECT_TRUE(peer.ended());
}

TEST_F(tls_stream_test, what_is_no_tls_breaks_it) {
  for (const std::string_view bytes :
       {"GET / HTTP/1.1\r\n\r\n"sv, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"sv, "\0\0\0\0\0\0\0\0"sv,
        "\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00"sv, "\x17\x03\x03\x00\x01\x00"sv,
        "\x16\x03\x01\xff\xff........"sv}) {
    stream_.emplace(*context_);
    read_.clear();
    to_stream(bytes, 4096);
    EXPECT_TRUE(stream_->broken());
    EXPECT_EQ(read_, "");
    // And stays so.
    EXPECT_EQ(stream_->write("x"), 0U);
    stream_->end();
  }
}

TEST_F(tls_stream_test, a_changed_byte_breaks_it) {
  tls_peer peer;
  ASSERT_TRUE(handshake(peer));
  peer.write("hello");
  std::string bytes = peer.output();
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  to_stream(bytes, 4096);
  EXPECT_TRUE(stream_->broken());
  EXPECT_EQ(read_, "");
  EXPECT_FALSE(stream_->unsent().empty());  // the alert
}

TEST_F(tls_stream_test, files_that_are_wrong_are_named) {
  const tls_files other = make_certificate(directory_.path(), "other");
  const std::string garbage = (directory_.path() / "garbage").string();
  std::ofstream(garbage) << "garbage";
  const std::string missing = (directory_.path() / "missing").string();
  const struct {
    tls_files files;
    std::string setting;
    std::string file;
  } cases[] = {{{missing, files_.key, ""}, "tls-cert", missing},
               {{garbage, files_.key, ""}, "tls-cert", garbage},
               {{files_.key, files_.key, ""}, "tls-cert", files_.key},
               {{files_.certificate, missing, ""}, "tls-key", missing},
               {{files_.certificate, garbage, ""}, "tls-key", garbage},
               {{files_.certificate, other.key, ""}, "tls-key", other.key},
               {{files_.certificate, files_.key, missing}, "tls-client-ca", missing},
               {{files_.certificate, files_.key, garbage}, "tls-client-ca", garbage},
               {{files_.certificate, files_.key, files_.key}, "tls-client-ca", files_.key}};
  for (const auto& one : cases) {
    const auto loaded = tls_context::load(one.files);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, errc::bad_argument);
    EXPECT_TRUE(loaded.error().message.starts_with(one.setting + " '" + one.file + "' is no "))
        << loaded.error().message;
  }
  const auto good = tls_context::load({files_.certificate, files_.key, other.certificate});
  ASSERT_TRUE(good);
  EXPECT_NE((*good)->not_after(), "");
}

}  // namespace
}  // namespace factord::protocol::tls_stream_test
