// Golden bytes: what is on disk stays readable. A change here is a change of the format, and needs a new version beside
// the old one.
#include "server/domain/records.h"

#include <gtest/gtest.h>

namespace kith::server::domain {
namespace {

template <class Id>
Id filled(std::uint8_t with) {
  Id id;
  id.value.fill(with);
  return id;
}
Digest digest(std::uint8_t with) {
  Digest d;
  d.fill(with);
  return d;
}
std::string times(std::size_t n, const char* hex) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) out += hex;
  return out;
}

template <class T>
void expect_golden(const T& record, const std::string& hex) {
  const Bytes bytes = encode(record);
  EXPECT_EQ(to_hex(bytes), hex);
  const auto back = decode<T>(bytes);
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, record);
  // Nothing shorter, longer or of another version is one.
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(decode<T>(ByteView(bytes).first(size))) << size;
  Bytes longer = bytes;
  longer.push_back(0);
  EXPECT_FALSE(decode<T>(longer));
  Bytes newer = bytes;
  newer[0] += 1;
  EXPECT_FALSE(decode<T>(newer));
}

TEST(Records, accounts) {
  expect_golden(AccountRecord{{0xaa}, {0xbb, 0xbc}, {0xcc}, {0x0102}, filled<RegistrationId>(0x11)},
                "01"
                "00000001aa"
                "00000002bbbc"
                "00000001cc"
                "0000000000000102" +
                    times(48, "11"));
}

TEST(Records, pins) {
  crypto::Argon2Salt salt{};
  salt.fill(0x22);
  expect_golden(PinRecord{{.passes = 2, .memory_kib = 0x4c00}, salt, digest(0x33), 3, {9}},
                "01"
                "00000002"
                "00004c00" +
                    times(16, "22") + times(32, "33") + "00000003" + "0000000000000009");
}

TEST(Records, devices) {
  expect_golden(DeviceRecord{{0xaa}, {0xbb}, {0xcc}, {5}, {7}},
                "02"
                "00000001aa"
                "00000001bb"
                "00000001cc"
                "0000000000000005"
                "0000000000000007");
  // Of the first version, which did not say when it was seen.
  const auto first =
      decode<DeviceRecord>(*from_hex("01"
                                     "00000001aa"
                                     "00000001bb"
                                     "00000001cc"
                                     "00000000007270e0"));
  EXPECT_EQ(first, (DeviceRecord{{0xaa}, {0xbb}, {0xcc}, {7'500'000}, {7'200'000}}));
}

TEST(Records, links) {
  LinkRecord record{.token_hash = digest(0x77),
                    .address = filled<AddressHash>(0x66),
                    .offer = {0xaa, 0xab},
                    .expires = {9},
                    .claimer = {},
                    .sealed = {},
                    .coming = {}};
  const std::string head =
      "01" + times(32, "77") + times(AddressHash::kSize, "66") + "00000002aaab" + "0000000000000009";
  expect_golden(record, head + "00" + "00000000" + "00");
  record.claimer = Caller{filled<UserId>(0x01), filled<DeviceId>(0x02)};
  record.sealed = {0xbb};
  record.coming = ComingDevice{filled<DeviceId>(0x03), {0xcc, 0xcd}, {10}};
  expect_golden(record, head + "01" + times(16, "01") + times(16, "02") + "00000001bb" + "01" + times(16, "03") +
                            "00000002cccd" + "000000000000000a");
}

TEST(Records, heads_of_archives) {
  expect_golden(ArchiveHead{Seq{7}, digest(0x55), 0x0102},
                "01" + times(7, "00") + "07" + times(32, "55") + "0000000000000102");
}

TEST(Records, blocks_of_archives) {
  ArchiveBlock block{{}, {9}, filled<ClientId>(0x33), {0xaa, 0xab}, {}};
  const std::string head = "01" + times(7, "00") + "09" + times(16, "33");
  expect_golden(block, head + "00" + "00000002aaab");
  block.payload = {};
  block.erased = digest(0x44);
  expect_golden(block, head + "01" + times(32, "44"));
}

TEST(Records, key_packages) {
  const std::string head =
      "0000000000000009"
      "00000002ddee";
  expect_golden(KeyPackageRecord{9, {0xdd, 0xee}, filled<HistoryId>(0x44)}, "02" + head + times(16, "44"));
  EXPECT_EQ(decode<KeyPackageRecord>(*from_hex("01" + head)), (KeyPackageRecord{9, {0xdd, 0xee}, {}}));
}

TEST(Records, registrations) {
  RegistrationRecord record{.id = filled<RegistrationId>(0x22),
                            .sealed_address = {0xab},
                            .code_hash = digest(0x33),
                            .code_expires = {1},
                            .attempts_left = 4,
                            .codes_sent = 2,
                            .counting_since = {3},
                            .next_send = {7},
                            .user = {},
                            .proof_hash = digest(0x44),
                            .proof_expires = {8},
                            .earlier = {}};
  const std::string head = times(48, "22") + "00000001ab" + times(32, "33") +
                           "0000000000000001"
                           "00000004"
                           "00000002"
                           "0000000000000003"
                           "0000000000000007";
  const std::string tail = times(32, "44") + "0000000000000008";
  expect_golden(record, "02" + head + "00" + tail + "00");
  record.user = filled<UserId>(0x55);
  const std::string with_user = head + "01" + times(16, "55") + tail;
  expect_golden(record, "02" + with_user + "00");
  EXPECT_EQ(decode<RegistrationRecord>(*from_hex("01" + with_user)), record) << "the first version stays readable";
  record.earlier = {filled<RegistrationId>(0x66), filled<UserId>(0x77), digest(0x88), {9}};
  expect_golden(record,
                "02" + with_user + "01" + times(48, "66") + times(16, "77") + times(32, "88") + "0000000000000009");
}

TEST(Records, refresh_tokens) {
  expect_golden(RefreshRecord{.current = digest(1)},
                "01"
                "00" +
                    times(32, "01") +
                    "00"
                    "00");
  expect_golden(RefreshRecord{digest(1), digest(2), {digest(3), digest(4)}, true},
                "01"
                "01" +
                    times(32, "01") + "01" + times(32, "02") + "02" + times(32, "03") + times(32, "04"));
}

TEST(Records, entries) {
  const Bytes payload{0xca, 0xfe};
  const auto bytes = entry_body({filled<UserId>(1), filled<DeviceId>(2)}, EntryKind::application, Epoch{3}, payload);
  EXPECT_EQ(to_hex(bytes),
            "01"
            "01" +
                times(16, "01") + times(16, "02") +
                "0000000000000003"
                "cafe");
  const LogRecord record{Seq{5}, {77}, filled<ClientId>(9), bytes};
  const auto entry = entry_of(record);
  ASSERT_TRUE(entry);
  EXPECT_EQ(entry->seq, Seq{5});
  EXPECT_EQ(entry->sender.device, filled<DeviceId>(2));
  EXPECT_EQ(entry->epoch, Epoch{3});
  EXPECT_EQ(to_hex(entry->payload), "cafe");
  EXPECT_FALSE(entry_of({Seq{5}, {77}, {}, {1, 1}}));
}

TEST(Records, mail_gets_the_seq_of_its_commit_later) {
  auto bytes = mail_body(MailKind::welcome, filled<ConversationId>(7), filled<UserId>(8), Bytes{0xaa});
  EXPECT_EQ(to_hex(bytes),
            "01"
            "01"
            "0000000000000000" +
                times(32, "07") + times(16, "08") + "aa");
  ASSERT_TRUE(place_mail(bytes, Seq{0x0102}));
  const LogRecord record{Seq{1}, {77}, {}, bytes};
  const auto mail = mail_of(record);
  ASSERT_TRUE(mail);
  EXPECT_EQ(mail->conversation_seq, Seq{0x0102});
  EXPECT_EQ(mail->conversation, filled<ConversationId>(7));
  EXPECT_EQ(to_hex(mail->payload), "aa");
  Bytes other{2, 1};
  EXPECT_FALSE(place_mail(other, Seq{1}));
}

TEST(Records, kinds_have_their_numbers) {
  EXPECT_EQ(entry_body({}, EntryKind::silent, {}, {})[1], 3);
  EXPECT_EQ(mail_body(MailKind::removed, {}, {}, {})[1], 2);
  EXPECT_EQ(
      entry_of({.seq = Seq{1}, .time = {}, .client_id = {}, .body = entry_body({}, EntryKind::silent, {}, {})})->kind,
      EntryKind::silent);
}

TEST(Records, outbox_rows) {
  PendingOutbox pending{.number = 3,
                        .source = {PartitionKind::conversation, {0x01}},
                        .seqs = {Seq{4}},
                        .time = {5},
                        .row = {.target = {PartitionKind::account, {0x02}}}};
  pending.row.writes = {{{RowKind::membership, {0x0a}}, Bytes{0x0b}}, {{RowKind::membership, {0x0c}}, std::nullopt}};
  pending.row.appends = {{{0x0d}, filled<ClientId>(0x0e), std::make_shared<const Bytes>(Bytes{0x0f})}};
  const Bytes bytes = encode(pending);
  EXPECT_EQ(to_hex(bytes),
            "01"
            "0000000000000003"
            "01"
            "0000000101"
            "0000000000000005"
            "00000001"
            "0000000000000004"
            "02"
            "0000000102"
            "00000002"
            "06"
            "000000010a"
            "01"
            "000000010b"
            "06"
            "000000010c"
            "00"
            "00000001"
            "000000010d" +
                times(16, "0e") + "000000010f");
  const auto back = decode<PendingOutbox>(bytes);
  ASSERT_TRUE(back);
  EXPECT_EQ(encode(*back), bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode<PendingOutbox>(ByteView(bytes).first(size)));
}

}  // namespace
}  // namespace kith::server::domain
