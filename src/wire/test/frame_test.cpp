#include "wire/frame.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace kith::wire {
namespace {

template <class Id>
Id id_of(std::uint8_t fill) {
  Id id;
  id.value.fill(fill);
  return id;
}

const Bytes kPayload = {1, 2, 3, 4, 5};
const Bytes kOther = {9, 8, 7};

Entry sample_entry() {
  return {{7},  1'700'000'000'123, id_of<UserId>(1), id_of<DeviceId>(2), id_of<ClientId>(3), EntryKind::commit,
          {11}, kPayload};
}

Mail sample_mail() {
  return {{3}, 1'700'000'000'456, MailKind::welcome, id_of<ConversationId>(4), {1}, id_of<UserId>(5), kPayload};
}

ArchiveBlock sample_block() { return {{8}, 1'700'000'000'789, kPayload}; }
ArchiveBlock erased_block() { return {{9}, 1'700'000'000'790, {}, id_of<Hash>(6)}; }

// One frame of every body, with every field set: what the golden file pins.
std::vector<Frame> samples() {
  const auto conversation = id_of<ConversationId>(4);
  const std::vector<DeviceWelcome> welcomes = {{id_of<UserId>(6), id_of<DeviceId>(7), kOther}};
  const Cursor cursor{id_of<UserId>(1), {20}, {10}};
  std::vector<Frame> frames;
  const auto add = [&](Body body) {
    frames.push_back({static_cast<std::uint32_t>(frames.size() + 1), std::move(body)});
  };
  add(Hello{"a.b.c", 1});
  add(Ping{});
  add(Sync{kPayload});
  add(Append{conversation, id_of<ClientId>(3), {5}, kPayload});
  add(Commit{conversation, id_of<ClientId>(3), {5}, kPayload, kOther, welcomes});
  add(CreateDirect{id_of<UserId>(9), id_of<ClientId>(3), kPayload, kOther, welcomes, kPayload});
  add(Read{conversation, {12}, 4096});
  add(ReadMailbox{{12}, 4096});
  add(TrimMailbox{{12}});
  add(SetCursor{conversation, {20}, {10}});
  add(GetGroup{conversation, {6}, 7});
  add(Error{ErrorCode::stale_epoch, "the epoch has moved", 250, {6}, {40}, {2}});
  add(HelloOk{id_of<HistoryId>(8), 1'700'000'000'000, id_of<UserId>(1), id_of<DeviceId>(2)});
  add(Pong{1'700'000'000'001});
  add(Ok{});
  add(SyncOk{kPayload, id_of<HistoryId>(8), {{conversation, {40}, {6}, {cursor}}}, {3}, true});
  add(Appended{{41}, 1'700'000'000'002, true});
  add(Entries{{sample_entry(), sample_entry()}, {40}});
  add(Mails{{sample_mail()}, {3}});
  add(Group{{6}, {40}, kOther, kPayload, 9});
  add(EntryHint{conversation, sample_entry()});
  add(MailHint{sample_mail()});
  add(CursorHint{conversation, cursor});
  add(Resync{});
  add(Goodbye{1500});
  add(GetChanges{conversation});
  add(Changes{kOther});
  add(ChangesHint{conversation});
  add(ConfirmGroup{conversation, {6}, kOther});
  add(FoundGroup{id_of<ClientId>(3), kPayload, kOther, kPayload});
  add(Leave{conversation, kOther});
  add(MarkBroken{conversation, kOther, kPayload});
  add(GetReceipts{conversation, true, {12}});
  add(Receipts{{cursor, cursor}, true, 300, 200, 100});
  add(CursorsHint{conversation, {cursor, cursor}});
  add(RequestJoin{conversation, kPayload});
  add(DeclineJoin{conversation, id_of<UserId>(1)});
  add(ArchiveAppend{id_of<ClientId>(3), {12}, id_of<Hash>(5), kPayload});
  add(ReadArchive{{12}, {40}, 4096, true});
  add(EraseArchive{{{12}, {13}}});
  add(ArchiveBlocks{{sample_block(), erased_block()}, {40}, id_of<Hash>(5)});
  add(ArchiveHint{sample_block()});
  return frames;
}

TEST(Frame, every_body_comes_back_as_it_was_sent) {
  const auto frames = samples();
  ASSERT_EQ(frames.size(), std::variant_size_v<Body>);
  for (const Frame& frame : frames) {
    const Bytes bytes = encode(frame);
    const auto decoded = decode(bytes);
    ASSERT_TRUE(decoded) << decoded.error().detail;
    EXPECT_EQ(decoded->id, frame.id);
    EXPECT_EQ(decoded->body.index(), frame.body.index());
    // Encoding is deterministic, so equal bytes mean that every field survived.
    EXPECT_EQ(encode(*decoded), bytes);
  }
}

TEST(Frame, changes_bring_a_key_package_for_each_mark) {
  const Bytes bytes = encode({1, Changes{kOther, {kPayload, kOther}}});
  const auto changes = std::get<Changes>(decode(bytes)->body);
  ASSERT_EQ(changes.packages.size(), 2U);
  EXPECT_TRUE(same_bytes(changes.packages[0], kPayload));
  EXPECT_TRUE(same_bytes(changes.packages[1], kOther));
}

TEST(Frame, an_append_says_whether_it_is_silent) {
  for (const bool silent : {false, true}) {
    const Bytes bytes = encode({1, Append{id_of<ConversationId>(4), id_of<ClientId>(3), {5}, kPayload, silent}});
    EXPECT_EQ(std::get<Append>(decode(bytes)->body).silent, silent);
  }
}

TEST(Frame, a_sync_says_where_the_archive_ends) {
  const Bytes bytes = encode({1, SyncOk{kPayload, id_of<HistoryId>(8), {}, {3}, false, {17}}});
  EXPECT_EQ(std::get<SyncOk>(decode(bytes)->body).archive_head, Seq{17});
}

TEST(Frame, a_block_of_the_archive_has_a_payload_or_is_erased) {
  const Bytes bytes = encode({1, ArchiveBlocks{{sample_block(), erased_block()}, {9}, id_of<Hash>(5)}});
  const auto read = std::get<ArchiveBlocks>(decode(bytes)->body);
  ASSERT_EQ(read.blocks.size(), 2U);
  EXPECT_EQ(read.blocks[0].seq, Seq{8});
  EXPECT_EQ(read.blocks[0].time_ms, 1'700'000'000'789);
  EXPECT_TRUE(same_bytes(read.blocks[0].payload, kPayload));
  EXPECT_FALSE(read.blocks[0].erased);
  EXPECT_TRUE(read.blocks[1].payload.empty());
  EXPECT_EQ(read.blocks[1].erased, id_of<Hash>(6));
  EXPECT_EQ(read.chain, id_of<Hash>(5));

  const auto neither = decode(encode({1, ArchiveBlocks{{{{8}, 1, {}}}, {9}, id_of<Hash>(5)}}));
  ASSERT_FALSE(neither);
  EXPECT_EQ(neither.error().detail, "wrong field: block.payload");
}

TEST(Frame, a_hint_of_a_large_block_says_only_where_it_is) {
  const auto bytes = encode({0, ArchiveHint{{{8}, 1, {}}}});
  const auto hint = decode(bytes);
  ASSERT_TRUE(hint) << hint.error().detail;
  EXPECT_EQ(std::get<ArchiveHint>(hint->body).block.seq, Seq{8});
  EXPECT_TRUE(std::get<ArchiveHint>(hint->body).block.payload.empty());
}

TEST(Frame, an_archive_is_read_from_either_end_and_by_default_from_its_beginning) {
  const auto plain = std::get<ReadArchive>(decode(encode({1, ReadArchive{{12}}}))->body);
  EXPECT_EQ(plain.after_seq, Seq{12});
  EXPECT_EQ(plain.before_seq, Seq{});
  EXPECT_EQ(plain.limit_bytes, 262144U);
  EXPECT_FALSE(plain.newest_first);
  const auto back = std::get<ReadArchive>(decode(encode({1, ReadArchive{{12}, {40}, 4096, true}}))->body);
  EXPECT_EQ(back.before_seq, Seq{40});
  EXPECT_EQ(back.limit_bytes, 4096U);
  EXPECT_TRUE(back.newest_first);
}

TEST(Frame, blocks_to_erase_are_named_in_their_order) {
  const auto erase = std::get<EraseArchive>(decode(encode({1, EraseArchive{{{7}, {3}}}}))->body);
  EXPECT_EQ(erase.seqs, (std::vector<Seq>{{7}, {3}}));
}

TEST(Frame, fields_are_where_they_belong) {
  const Bytes bytes = encode({9, EntryHint{id_of<ConversationId>(4), sample_entry()}});
  const auto frame = decode(bytes);
  ASSERT_TRUE(frame);
  const Entry& e = std::get<EntryHint>(frame->body).entry;
  EXPECT_EQ(e.seq, Seq{7});
  EXPECT_EQ(e.time_ms, 1'700'000'000'123);
  EXPECT_EQ(e.sender_user, id_of<UserId>(1));
  EXPECT_EQ(e.sender_device, id_of<DeviceId>(2));
  EXPECT_EQ(e.client_id, id_of<ClientId>(3));
  EXPECT_EQ(e.kind, EntryKind::commit);
  EXPECT_EQ(e.epoch, Epoch{11});
  EXPECT_TRUE(same_bytes(e.payload, kPayload));
}

// The wire format is a contract: these bytes were written by the first version and must be read by every later one.
TEST(Frame, golden_bytes_are_still_understood_and_still_written) {
  std::ifstream file(KITH_SOURCE "/schema/golden/frames.txt");
  ASSERT_TRUE(file) << "schema/golden/frames.txt";
  for (const Frame& frame : samples()) {
    std::string line;
    ASSERT_TRUE(std::getline(file, line)) << "a new body needs a new line: " << to_hex(encode(frame));
    EXPECT_EQ(to_hex(encode(frame)), line);
    const auto golden = from_hex(line);
    ASSERT_TRUE(golden);
    EXPECT_TRUE(decode(*golden));
  }
}

TEST(Frame, a_frame_cut_at_any_length_is_refused_or_harmless) {
  for (const Frame& frame : samples()) {
    const Bytes bytes = encode(frame);
    for (std::size_t n = 0; n < bytes.size(); ++n) {
      const Bytes cut(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n));
      const auto decoded = decode(cut);
      if (!decoded) EXPECT_EQ(decoded.error().code, Errc::malformed);
    }
  }
}

TEST(Frame, a_flipped_bit_anywhere_never_reads_outside_the_buffer) {
  for (const Frame& frame : samples()) {
    const Bytes bytes = encode(frame);
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      Bytes changed = bytes;
      changed[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      if (const auto decoded = decode(changed)) encode(*decoded);
    }
  }
}

TEST(Frame, an_id_of_another_size_is_named) {
  // The id's length stands before its 32 bytes of 4.
  Bytes bytes = encode({1, GetGroup{id_of<ConversationId>(4)}});
  const Bytes pattern(32, 4);
  const auto at = std::search(bytes.begin(), bytes.end(), pattern.begin(), pattern.end());
  ASSERT_NE(at, bytes.end());
  *(at - 4) = 31;
  const auto decoded = decode(bytes);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, Errc::malformed);
  EXPECT_EQ(decoded.error().detail, "wrong field: conversation");
}

TEST(Frame, more_than_a_mebibyte_is_too_large) {
  const auto decoded = decode(Bytes(kMaxFrameBytes + 1));
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().code, Errc::too_large);
}

}  // namespace
}  // namespace kith::wire
