#include "storage/model/hash_chain.hpp"

#include <gtest/gtest.h>

#include <string>

#include "storage/model/event_value.hpp"

namespace factord::storage::hash_chain_test {
namespace {

TEST(hash_chain, gives_the_published_vectors) {
  // FIPS 180-2, appendix B.
  sha256 hash;
  EXPECT_EQ(to_hex(hash.of("")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(hash.of("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(hash.of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(to_hex(hash.of(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(hash_chain, link_covers_previous_sequence_and_record) {
  sha256 hash;
  const digest previous = hash.of("store");
  const digest linked = hash.link(previous, 0x0102030405060708, "record");
  EXPECT_EQ(linked, hash.of(std::string{as_bytes(previous)} + "\1\2\3\4\5\6\7\10" + "record"));
  EXPECT_NE(linked, hash.link(previous, 0x0102030405060709, "record"));
  EXPECT_NE(linked, hash.link(hash.of("other"), 0x0102030405060708, "record"));
  EXPECT_NE(linked, hash.link(previous, 0x0102030405060708, "Record"));
}

TEST(hash_chain, an_empty_log_ends_in_the_hash_of_the_store_id) {
  const log_head head = empty_log_head("abc");
  EXPECT_EQ(head.sequence, 0U);
  EXPECT_EQ(head.hash, sha256{}.of("abc"));
  EXPECT_EQ(head.created_at, timestamp{});
}

TEST(hash_chain, values_are_taken_apart_and_short_ones_refused) {
  event_record record;
  record.set_created_at(77);
  const digest hash = sha256{}.of("x");
  const std::string value = std::string{as_bytes(hash)} + record.SerializeAsString();
  const auto head = head_at(5, value);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->sequence, 5U);
  EXPECT_EQ(head->hash, hash);
  EXPECT_EQ(head->created_at, from_micros(77));

  EXPECT_EQ(head_at(5, as_bytes(hash)).error().code, errc::corruption);
  EXPECT_EQ(head_at(5, "short").error().code, errc::corruption);
  EXPECT_EQ(head_at(5, std::string(32, 'h') + "\xFF\xFF").error().code, errc::corruption);
}

}  // namespace
}  // namespace factord::storage::hash_chain_test
