#include "server/jwt/ed25519_point.hpp"

#include <openssl/bn.h>

#include <memory>
#include <string>

#include "storage/base/check.hpp"

namespace factord::jwt {
namespace {

struct element_end {
  void operator()(BIGNUM* value) const noexcept { BN_free(value); }
};
struct context_end {
  void operator()(BN_CTX* context) const noexcept { BN_CTX_free(context); }
};
using element = std::unique_ptr<BIGNUM, element_end>;

element make(BN_ULONG value = 0) {
  element made(BN_new());
  FACTORD_CHECK(made != nullptr && BN_set_word(made.get(), value) == 1);
  return made;
}

// The field of 2^255 - 19 elements. For keys as they are read, not for each token: plain, not fast,
// and all that it sees is public.
class field {
 public:
  field() : context_(BN_CTX_new()), p_(make()) {
    FACTORD_CHECK(context_ != nullptr && BN_set_bit(p_.get(), 255) == 1 &&
                  BN_sub_word(p_.get(), 19) == 1);
  }
  [[nodiscard]] const BIGNUM* size() const noexcept { return p_.get(); }

  [[nodiscard]] element add(const element& a, const element& b) const {
    return of(BN_mod_add, a, b);
  }
  [[nodiscard]] element subtract(const element& a, const element& b) const {
    return of(BN_mod_sub, a, b);
  }
  [[nodiscard]] element multiply(const element& a, const element& b) const {
    return of(BN_mod_mul, a, b);
  }
  /// 0 for the inverse of 0.
  [[nodiscard]] element divide(const element& a, const element& b) const {
    element exponent(BN_dup(p_.get()));
    FACTORD_CHECK(exponent != nullptr && BN_sub_word(exponent.get(), 2) == 1);
    return multiply(a, of(BN_mod_exp, b, exponent));
  }
  /// Euler's criterion.
  [[nodiscard]] bool is_square(const element& a) const {
    element exponent(BN_dup(p_.get()));
    FACTORD_CHECK(exponent != nullptr && BN_rshift1(exponent.get(), exponent.get()) == 1);
    return BN_is_zero(a.get()) || BN_is_one(of(BN_mod_exp, a, exponent).get());
  }

 private:
  using operation = int(BIGNUM*, const BIGNUM*, const BIGNUM*, const BIGNUM*, BN_CTX*);
  [[nodiscard]] element of(operation* what, const element& a, const element& b) const {
    element out = make();
    FACTORD_CHECK(what(out.get(), a.get(), b.get(), p_.get(), context_.get()) == 1);
    return out;
  }

  std::unique_ptr<BN_CTX, context_end> context_;
  element p_;
};

// x² of the points at this y, by the curve -x² + y² = 1 - 121665/121666 x² y².
element x_squared(const field& in, const element& y) {
  const element one = make(1);
  const element d = in.subtract(make(), in.divide(make(121665), make(121666)));
  const element y2 = in.multiply(y, y);
  return in.divide(in.subtract(y2, one), in.add(in.multiply(d, y2), one));
}

// The y of twice a point at this y.
element doubled(const field& in, const element& y) {
  const element x2 = x_squared(in, y);
  const element y2 = in.multiply(y, y);
  return in.divide(in.add(y2, x2), in.subtract(in.add(make(2), x2), y2));
}

}  // namespace

bool is_ed25519_key(std::string_view bytes) {
  if (bytes.size() != 32) return false;
  std::string little(bytes);
  const bool odd = (static_cast<unsigned char>(little.back()) & 0x80U) != 0;
  little.back() = static_cast<char>(static_cast<unsigned char>(little.back()) & 0x7FU);
  element y = make();
  FACTORD_CHECK(BN_lebin2bn(reinterpret_cast<const unsigned char*>(little.data()), 32, y.get()) !=
                nullptr);
  const field in;
  if (BN_cmp(y.get(), in.size()) >= 0) return false;
  const element x2 = x_squared(in, y);
  if (!in.is_square(x2) || (BN_is_zero(x2.get()) && odd)) return false;
  // The orders that are small are 1, 2, 4 and 8; the point of order 1 is at 1.
  for (int i = 0; i < 3; ++i) y = doubled(in, y);
  return BN_is_one(y.get()) == 0;
}

}  // namespace factord::jwt
