// MLSMessage, PublicMessage, FramedContent and what authenticates them.
#include "tests/support/forger/parts.h"

namespace kith::test {

using namespace mls;

namespace {

Hands on_bytes(Hand<Bytes> hand) {
  return {.request = [hand = std::move(hand)](Request& r) { hand(r.commit); }};
}
Hands on_content(Hand<FramedContent> hand) { return {.content = std::move(hand)}; }
Hands on_message(Hand<PublicMessage> hand) { return {.message = std::move(hand)}; }

// Where the byte of the content's type is.
std::size_t type_offset(ByteView message) {
  Reader r(message);
  r.u32();
  r.opaque();
  r.u64();
  Sender sender;
  decode(r, sender);
  r.opaque();
  return message.size() - r.left();
}

}  // namespace

Forgeries header_forgeries(Scene& scene) {
  Forgeries out;
  for (const std::uint8_t version : Bytes{0, 2}) {
    out.push_back(refused("version is " + std::to_string(version), on_bytes([=](Bytes& b) { b[1] = version; }),
                          "unsupported_version"));
  }
  const std::vector<std::pair<std::uint8_t, std::string>> formats = {
      {0, "bad_value"}, {2, "trailing_bytes"}, {6, "bad_value"}};
  for (const auto& [format, why] : formats) {
    out.push_back(
        refused("wire_format is " + std::to_string(format), on_bytes([its = format](Bytes& b) { b[3] = its; }), why));
  }
  out.push_back(
      refused("holds the GroupInfo", {.request = [](Request& r) { r.commit = r.group_info; }}, "wrong_message"));
  out.push_back(refused("holds the Welcome", {.request = [](Request& r) { r.commit = r.welcome; }}, "wrong_message"));
  out.push_back(
      refused("holds a key package", on_bytes(becomes(encoded_message(scene.guest.key_package))), "wrong_message"));
  // MLS has it, Kith does not: the server could not follow.
  Group copy = *scene.group;
  out.push_back({.name = "holds a commit as a PrivateMessage",
                 .hands = on_bytes(becomes(copy.commit_privately({}, scene.entropy).value().commit)),
                 .server = payload("wrong_message"),
                 .reader = ""});
  return out;
}

Forgeries content_forgeries(Scene& scene) {
  Forgeries out;
  for (const auto& [name, id] : std::vector<std::pair<std::string, Bytes>>{
           {"group_id is empty", {}},
           {"group_id is another conversation's", keys::group_id(ConversationId{{7}}, 0)},
           {"group_id is that of another incarnation", keys::group_id(scene.id, 1)}}) {
    out.push_back({.name = name,
                   .hands = on_content([its = id](FramedContent& c) { c.group_id = its; }),
                   .server = payload("of another group"),
                   .reader = "wrong_group"});
  }
  const std::uint64_t now = scene.group->epoch();
  for (const std::uint64_t epoch : {std::uint64_t{0}, now - 1, now + 1, ~std::uint64_t{0}}) {
    const std::string name = "epoch is " + std::to_string(epoch) + " instead of " + std::to_string(now);
    const auto change = [=](FramedContent& c) { c.epoch = epoch; };
    out.push_back({.name = name,
                   .hands = on_content(change),
                   .server = payload("of another epoch than the request says"),
                   .reader = "wrong_epoch"});
    out.push_back({.name = name + ", as the request says",
                   .hands = {.content = change, .request = [=](Request& r) { r.epoch = epoch; }},
                   .server = "stale_epoch",
                   .reader = "wrong_epoch"});
  }
  const auto sender = [&](const std::string& name, SenderType type, std::uint32_t index, const std::string& why) {
    return refused("sender is " + name, on_content([=](FramedContent& c) { c.sender = {type, index}; }), why);
  };
  out.push_back(sender("another member", SenderType::member, Scene::kBobsFourth.value, "bad_signature"));
  out.push_back(sender("a blank leaf", SenderType::member, Scene::kBlank.value, "unknown_sender"));
  out.push_back(sender("beyond the tree", SenderType::member, 8, "unknown_sender"));
  out.push_back(sender("the last leaf that there can be", SenderType::member, ~0U, "unknown_sender"));
  out.push_back(sender("an external sender", SenderType::external, 0, "wrong_message"));
  out.push_back(sender("somebody who proposes to join", SenderType::new_member_proposal, 0, "wrong_message"));
  auto newcomer = sender("somebody who joins", SenderType::new_member_commit, 0, "invalid_proposal");
  newcomer.server = payload("a proposal that is not used here");
  out.push_back(std::move(newcomer));
  out.push_back(refused("sender has an unknown type", on_bytes([](Bytes& b) { b[4 + 33 + 8] = 5; }), "bad_value"));
  const std::string not_a_commit = payload("not a commit");
  out.push_back({.name = "content is application data",
                 .hands = on_content([](FramedContent& c) { c.content = ApplicationData{to_secret(as_view("x"))}; }),
                 .server = not_a_commit,
                 .reader = "wrong_message"});
  out.push_back({.name = "content is a proposal",
                 .hands = on_content([](FramedContent& c) { c.content = Proposal{Remove{Scene::kRemoved}}; }),
                 .server = not_a_commit,
                 .reader = "wrong_message"});
  for (const std::uint8_t type : Bytes{0, 4}) {
    out.push_back(refused("content_type is " + std::to_string(type),
                          on_bytes([=](Bytes& b) { b[type_offset(b)] = type; }), "bad_value"));
  }
  return out;
}

Forgeries auth_forgeries(Scene& scene) {
  Forgeries out;
  const auto signature = [&](const std::string& name, Hand<Bytes> hand) {
    out.push_back(refused("signature " + name, {.signature = std::move(hand)}, "bad_signature"));
  };
  signature("is changed", flip());
  signature("is empty", becomes({}));
  signature("is longer", [](Bytes& b) { b.push_back(0); });
  signature("is another commit's",
            becomes(decoded_message<PublicMessage>(scene.history.front().request.commit)->auth.signature));
  out.push_back(
      refused("signature is by another device of the same user", {.content_key = scene.anns[1].key}, "bad_signature"));

  // The same in commit and GroupInfo: who has no key of the epoch sees only that they agree.
  out.push_back({.name = "confirmation_tag is changed",
                 .hands = {.confirmation_tag = flip()},
                 .server = "",
                 .reader = "bad_confirmation_tag"});
  out.push_back(
      {.name = "confirmation_tag of the commit alone is changed",
       .hands = on_message([](PublicMessage& m) { m.auth.confirmation_tag = flipped(m.auth.confirmation_tag); }),
       .server = "group_info: bad_group_info",
       .reader = "bad_membership_tag"});
  const auto tag = [&](const std::string& name, Hand<Bytes> hand) {
    out.push_back(refused("confirmation_tag " + name, {.confirmation_tag = std::move(hand)}, "bad_confirmation_tag"));
  };
  tag("is empty", becomes({}));
  tag("is a byte short", [](Bytes& b) { b.pop_back(); });
  tag("is a byte long", [](Bytes& b) { b.push_back(0); });

  const auto membership = [&](const std::string& name, Hand<Bytes> hand, const std::string& server) {
    out.push_back({.name = "membership_tag " + name,
                   .hands = on_message([hand = std::move(hand)](PublicMessage& m) { hand(m.membership_tag); }),
                   .server = server,
                   .reader = "bad_membership_tag"});
  };
  membership("is changed", flip(), "");
  const std::string size = payload("a membership tag of the wrong size");
  membership("is empty", becomes({}), size);
  membership("is a byte short", [](Bytes& b) { b.pop_back(); }, size);
  membership("is a byte long", [](Bytes& b) { b.push_back(0); }, size);
  out.push_back(
      refused("membership_tag is not there", on_bytes([](Bytes& b) { b.resize(b.size() - 33); }), "truncated"));
  return out;
}

}  // namespace kith::test
