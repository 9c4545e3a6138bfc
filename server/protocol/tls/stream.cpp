#include "server/protocol/tls/stream.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "server/protocol/wire/codec_kind.hpp"
#include "storage/base/check.hpp"

namespace factord::protocol {
namespace {

// About a record at its longest (RFC 8446, section 5.2). OpenSSL takes what there is at each step.
constexpr std::size_t received_max = 16U << 10U;

int to_int(std::size_t size) {
  return static_cast<int>(std::min<std::size_t>(size, std::numeric_limits<int>::max()));
}

}  // namespace

struct tls_stream::bio {
  static tls_stream& owner(BIO* of) { return *static_cast<tls_stream*>(BIO_get_data(of)); }

  static int read(BIO* from, char* space, std::size_t size, std::size_t* taken) {
    BIO_clear_retry_flags(from);
    input_buffer& received = owner(from).received_;
    *taken = std::min(size, received.view().size());
    std::copy_n(received.view().data(), *taken, space);
    received.consume(*taken);
    if (*taken == 0) BIO_set_retry_read(from);
    return *taken > 0 ? 1 : 0;
  }

  // Takes whatever comes: what OpenSSL makes of its own accord is small, and nobody reads while
  // is_full().
  static int write(BIO* to, const char* bytes, std::size_t size, std::size_t* taken) {
    BIO_clear_retry_flags(to);
    owner(to).unsent_.append(bytes, size);
    *taken = size;
    return 1;
  }

  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static int create(BIO* made) {
    BIO_set_init(made, 1);
    return 1;
  }

  static BIO* make(tls_stream& for_whom) {
    static BIO_METHOD* const method = [] {
      BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "factord");
      FACTORD_CHECK(made != nullptr);
      BIO_meth_set_read_ex(made, read);
      BIO_meth_set_write_ex(made, write);
      BIO_meth_set_ctrl(made, control);
      BIO_meth_set_create(made, create);
      return made;
    }();
    BIO* made = BIO_new(method);
    FACTORD_CHECK(made != nullptr);
    BIO_set_data(made, &for_whom);
    return made;
  }
};

void tls_stream::ssl_deleter::operator()(ssl_st* ssl) const noexcept { SSL_free(ssl); }

tls_stream::tls_stream(const tls_context& shared)
    : received_(received_max), ssl_(SSL_new(shared.handle())) {
  FACTORD_CHECK(ssl_ != nullptr);
  BIO* const both = bio::make(*this);
  SSL_set_bio(ssl_.get(), both, both);  // owns it now
  SSL_set_accept_state(ssl_.get());
}

tls_stream::~tls_stream() = default;

void tls_stream::commit(std::size_t bytes) {
  received_.commit(bytes);
  received_bytes_ += bytes;
  readable_ = bytes > 0;
}

std::size_t tls_stream::read(std::span<char> space) {
  if (broken_) {
    readable_ = false;
    return 0;
  }
  ERR_clear_error();  // SSL_get_error looks at what is left there
  const int size = SSL_read(ssl_.get(), space.data(), to_int(space.size()));
  if (handshaking_ && SSL_is_init_finished(ssl_.get()) == 1) {
    handshaking_ = false;
    agreed_ = true;
  }
  if (size > 0) {
    readable_ = SSL_pending(ssl_.get()) > 0 || !received_.empty();
    return static_cast<std::size_t>(size);
  }
  readable_ = false;
  switch (SSL_get_error(ssl_.get(), size)) {
    case SSL_ERROR_WANT_READ:
      break;
    case SSL_ERROR_ZERO_RETURN:
      ended_ = true;
      break;
    default:
      broken_ = true;
  }
  return 0;
}

std::size_t tls_stream::write(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && !is_full() && !handshaking_ && !broken_) {
    ERR_clear_error();
    const int size = SSL_write(ssl_.get(), bytes.data() + taken, to_int(bytes.size() - taken));
    if (size <= 0) {
      broken_ = true;
      break;
    }
    taken += static_cast<std::size_t>(size);
  }
  return taken;
}

void tls_stream::end() {
  if (broken_ || handshaking_) return;
  ERR_clear_error();
  (void)SSL_shutdown(ssl_.get());  // that the other side has not ended yet is no failure
}

std::optional<protocol::http_version> tls_stream::take_agreed() {
  if (!std::exchange(agreed_, false)) return std::nullopt;
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  const std::string_view chosen(reinterpret_cast<const char*>(name), size);
  return negotiated_codec(chosen);
}

}  // namespace factord::protocol
