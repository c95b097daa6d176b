// An account's archive over real sockets: two devices of one account, and somebody else.
#include <gtest/gtest.h>

#include <deque>

#include "crypto/crypto.h"
#include "server/edge/test/person.h"

namespace kith::server::edge::test {
namespace {

using wire::ErrorCode;
constexpr std::size_t kHeadBytes = 1 + 16 + 4 + 32;

// The access token of another device of the person, let in over a link.
std::string second_device(RunningServer& server, const Person& person) {
  HttpClient http(server.port());
  const std::string token = to_base64url(Bytes(32, 7));
  const std::string link = "/v1/links/000102030405060708090a0b0c0d0e0f";
  const Json begun = http.post("/v1/links", {{"phone", person.phone}}).json();
  Json offer{
      {"token", token}, {"offer", "AQID"}, {"expires_at_ms", begun.at("expires_at_ms")}, {"phone", person.phone}};
  EXPECT_EQ(http.ask("PUT", link, offer.dump()).status, 201);
  EXPECT_EQ(http.post(link + "/claim", Json::object(), person.access_token).status, 200);
  EXPECT_EQ(http.post(link + "/finish", {{"sealed", "BAUG"}}, person.access_token).status, 200);
  const Json change = person.devices(2, true);
  Json device = change.at("added").at(0);
  Json body{{"token", token},
            {"device_list", change.at("device_list")},
            {"key_packages", device.at("key_packages")},
            {"last_resort", device.at("last_resort")}};
  device.erase("key_packages");
  device.erase("last_resort");
  body["device"] = device;
  return http.post(link + "/device", body).json().at("access_token");
}

class ArchiveOverSockets : public ::testing::Test {
 protected:
  ArchiveOverSockets() {
    EXPECT_TRUE(phone.greet(ada.access_token));
    EXPECT_TRUE(laptop.greet(second_device(server, ada)));
    EXPECT_TRUE(bobs.greet(bob.access_token));
  }
  // A block behind this chain that holds `sealed`.
  ByteView block(ByteView sealed, const wire::Hash& behind, std::uint32_t generation = 0) {
    Bytes payload{1};
    payload.resize(1 + 16);
    for (int shift = 24; shift >= 0; shift -= 8) payload.push_back(static_cast<std::uint8_t>(generation >> shift));
    append(payload, behind.view());
    append(payload, sealed);
    return payloads.emplace_back(std::move(payload));
  }
  static std::string_view sealed_in(ByteView payload) { return as_text(payload.subspan(kHeadBytes)); }
  wire::ArchiveAppend next(std::uint8_t client, ByteView sealed) {
    return {.client_id = client_id(client), .after_seq = seq, .chain = chain, .payload = block(sealed, chain)};
  }
  // From the phone, behind what is there.
  void add(std::uint8_t client, ByteView sealed) {
    const auto request = next(client, sealed);
    const ByteView payload = request.payload;
    const auto appended = phone.ask<wire::Appended>(request);
    ASSERT_TRUE(appended.has_value());
    seq = seq.next();
    EXPECT_EQ(appended->seq, seq);
    Bytes linked = to_bytes("kith archive chain v1");
    append(linked, chain.view());
    append(linked, crypto::sha256(payload));
    chain = {crypto::sha256(linked)};
  }
  wire::ArchiveBlock hinted(SocketClient& socket) {
    const auto frame = socket.receive();
    const auto* hint = frame ? std::get_if<wire::ArchiveHint>(&frame->body) : nullptr;
    EXPECT_NE(hint, nullptr);
    return hint == nullptr ? wire::ArchiveBlock{} : hint->block;
  }
  static Seq synced(SocketClient& socket) {
    const auto told = socket.ask<wire::SyncOk>(wire::Sync{});
    EXPECT_TRUE(told.has_value());
    return told ? told->archive_head : Seq{~std::uint64_t{0}};
  }

  RunningServer server;
  HttpClient http{server.port()};
  Person ada = registered(server, "+491");
  Person bob = registered(server, "+492");
  SocketClient phone{server.port()}, laptop{server.port()}, bobs{server.port()};
  Seq seq;
  wire::Hash chain;
  std::deque<Bytes> payloads;
};

TEST_F(ArchiveOverSockets, a_block_of_one_device_is_hinted_to_the_other_synced_and_read) {
  EXPECT_EQ(synced(laptop), Seq{});
  add(1, as_view("sealed"));
  const auto block = hinted(laptop);
  EXPECT_EQ(block.seq, Seq{1});
  EXPECT_GT(block.time_ms, 1'700'000'000'000);
  EXPECT_EQ(sealed_in(block.payload), "sealed");
  EXPECT_EQ(synced(laptop), Seq{1});
  const auto read = laptop.ask<wire::ArchiveBlocks>(wire::ReadArchive{.after_seq = {}});
  ASSERT_TRUE(read.has_value());
  ASSERT_EQ(read->blocks.size(), 1U);
  EXPECT_EQ(sealed_in(read->blocks[0].payload), "sealed");
  EXPECT_EQ(read->head_seq, Seq{1});
  EXPECT_EQ(read->chain, chain);

  // The device that appended hears nothing of it, nor does anybody else.
  for (SocketClient* socket : {&phone, &bobs}) {
    socket->send(wire::Ping{});
    const auto frame = socket->receive();
    ASSERT_TRUE(frame.has_value());
    EXPECT_TRUE(std::holds_alternative<wire::Pong>(frame->body));
  }
  EXPECT_EQ(synced(bobs), Seq{});
  const auto other = bobs.ask<wire::ArchiveBlocks>(wire::ReadArchive{.after_seq = {}});
  ASSERT_TRUE(other.has_value());
  EXPECT_TRUE(other->blocks.empty());
  EXPECT_EQ(other->head_seq, Seq{});
  EXPECT_EQ(other->chain, wire::Hash{});
}

TEST_F(ArchiveOverSockets, who_comes_second_is_told_where_the_archive_is_and_a_lost_answer_is_repeated) {
  const auto first = next(1, as_view("sealed"));
  add(1, as_view("sealed"));
  auto late = first;
  late.client_id = client_id(2);
  const auto moved = laptop.ask<wire::Error>(late);
  ASSERT_TRUE(moved.has_value());
  EXPECT_EQ(moved->code, ErrorCode::archive_moved);
  EXPECT_EQ(moved->head_seq, Seq{1});
  const auto again = phone.ask<wire::Appended>(first);
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(again->duplicate);
  EXPECT_EQ(again->seq, Seq{1});
  EXPECT_TRUE(laptop.ask<wire::Appended>(next(3, as_view("more"))).has_value());
  EXPECT_EQ(hinted(phone).seq, Seq{2});
}

TEST_F(ArchiveOverSockets, blocks_come_in_pages_that_fit_a_frame_from_either_end) {
  const Bytes large((std::size_t{64} * 1024) - kHeadBytes, 9);
  for (std::uint8_t i = 1; i <= 9; ++i) add(i, large);
  for (std::uint64_t i = 1; i <= 9; ++i) {
    const auto block = hinted(laptop);
    EXPECT_EQ(block.seq, Seq{i});
    EXPECT_TRUE(block.payload.empty()) << "too large for a hint";
  }
  std::vector<std::uint64_t> there, back;
  for (std::size_t pages = 0; there.size() < 9 && pages < 9; ++pages) {
    const Seq after{there.size()};
    const auto page = laptop.ask<wire::ArchiveBlocks>(wire::ReadArchive{.after_seq = after, .limit_bytes = 1U << 31});
    ASSERT_TRUE(page.has_value());
    EXPECT_EQ(page->blocks.size(), 3U) << "256 KiB with what blocks count beside their payloads";
    for (const auto& block : page->blocks) there.push_back(block.seq.value);
  }
  EXPECT_EQ(there, (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9}));
  Seq before{};
  for (std::size_t pages = 0; back.size() < 9 && pages < 9; ++pages) {
    const auto page = laptop.ask<wire::ArchiveBlocks>(
        wire::ReadArchive{.after_seq = {}, .before_seq = before, .limit_bytes = 140'000, .newest_first = true});
    ASSERT_TRUE(page.has_value());
    EXPECT_LE(page->blocks.size(), 2U);
    for (const auto& block : page->blocks) back.push_back(block.seq.value);
    before = page->blocks.back().seq;
  }
  EXPECT_EQ(back, (std::vector<std::uint64_t>{9, 8, 7, 6, 5, 4, 3, 2, 1}));
}

TEST_F(ArchiveOverSockets, an_erased_block_keeps_its_hash_and_the_other_device_hears_of_it) {
  add(1, as_view("secret words"));
  add(2, as_view("more"));
  (void)hinted(laptop);
  (void)hinted(laptop);
  ASSERT_TRUE(phone.ask<wire::Ok>(wire::EraseArchive{.seqs = {Seq{1}}}).has_value());
  const auto block = hinted(laptop);
  EXPECT_EQ(block.seq, Seq{1});
  EXPECT_EQ(block.erased, wire::Hash{crypto::sha256(payloads.front())});
  const auto read = laptop.ask<wire::ArchiveBlocks>(wire::ReadArchive{.after_seq = {}});
  ASSERT_TRUE(read.has_value());
  ASSERT_EQ(read->blocks.size(), 2U);
  EXPECT_EQ(read->blocks[0].erased, block.erased);
  EXPECT_TRUE(read->blocks[0].payload.empty());
  EXPECT_EQ(sealed_in(read->blocks[1].payload), "more");
  EXPECT_EQ(read->chain, chain);
  EXPECT_EQ(server.stored().find(to_hex(as_view("secret words"))), std::string::npos);
}

TEST_F(ArchiveOverSockets, what_does_not_hold_is_refused_by_name_and_changes_nothing) {
  add(1, as_view("sealed"));
  const std::string before = server.stored();
  const auto refused = [&](wire::Body body) {
    const auto error = phone.ask<wire::Error>(std::move(body));
    EXPECT_TRUE(error.has_value());
    return error ? error->code : ErrorCode::internal;
  };
  const Bytes large((std::size_t{64} * 1024) + 1, 9);
  EXPECT_EQ(refused(next(2, large)), ErrorCode::too_large);
  auto wrong = next(2, as_view("x"));
  for (const ByteView payload : {ByteView{}, as_view("x"), wrong.payload.first(kHeadBytes - 1)}) {
    wrong.payload = payload;
    EXPECT_EQ(refused(wrong), ErrorCode::invalid_argument) << "no block";
  }
  wrong.payload = block(as_view("x"), {});
  EXPECT_EQ(refused(wrong), ErrorCode::invalid_argument) << "behind another one";
  wrong.payload = block(as_view("x"), chain, 1);
  EXPECT_EQ(refused(wrong), ErrorCode::stale_generation);
  wrong.chain.value[0] ^= 1;
  wrong.payload = block(as_view("x"), wrong.chain);
  EXPECT_EQ(refused(wrong), ErrorCode::archive_moved);
  wrong = next(1, as_view("x"));
  wrong.after_seq = {};
  EXPECT_EQ(refused(wrong), ErrorCode::client_id_reused);
  EXPECT_EQ(refused(wire::EraseArchive{}), ErrorCode::invalid_argument);
  EXPECT_EQ(refused(wire::EraseArchive{.seqs = std::vector<Seq>(1025, Seq{1})}), ErrorCode::invalid_argument);
  EXPECT_EQ(refused(wire::EraseArchive{.seqs = std::vector<Seq>(100'000, Seq{1})}), ErrorCode::invalid_argument);
  EXPECT_EQ(refused(wire::EraseArchive{.seqs = {Seq{1}, Seq{2}}}), ErrorCode::not_found);
  EXPECT_EQ(server.stored(), before);
  EXPECT_TRUE(phone.ask<wire::Pong>(wire::Ping{}).has_value());
}

}  // namespace
}  // namespace kith::server::edge::test
