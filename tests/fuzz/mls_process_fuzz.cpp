// A live group against a member who means it no good: its commits, proposals, messages and GroupInfos are changed where
// the input says, and signed, tagged and sealed again with its own good keys. Whatever comes of it, a group that
// refused is what it was, and one that went on is one epoch further and can be stored.
//
// The first byte chooses the message; each three bytes behind it are a place (from the front, or with a high bit from
// the end) and what to change there.

#include "base/check.h"
#include "mls/group.h"
#include "mls/profile.h"
#include "tests/support/insider.h"
#include "tests/support/seeded_entropy.h"

namespace {

using namespace kith;
using namespace kith::mls;

struct Person {
  crypto::SignatureKeyPair key;
  std::optional<Group> group;
};

LeafParameters leaf_of(const char* name) {
  return {Credential::basic(to_bytes(name)), profile::capabilities(), profile::lifetime(1'800'000'000), {}};
}

using State = std::pair<SecretBytes, SecretBytes>;
State state(const Group& group) { return {group.epoch_record(), encoded_secret(group.ratchet_pieces())}; }

// Three members, and what the first of them would send.
struct World {
  test::SeededEntropy entropy{1};
  crypto::Suite suite = crypto::Suite::product();
  Person author{suite.generate_signature_key(entropy), {}};
  Person reader{suite.generate_signature_key(entropy), {}};
  Person third{suite.generate_signature_key(entropy), {}};
  Person outsider{suite.generate_signature_key(entropy), {}};
  std::vector<AuthenticatedContent> messages;
  Bytes letter;  // what the author says next
  GroupInfo info;
  State before;

  KeyPackageSecrets package(const char* name, const Person& person) {
    return create_key_package(suite, leaf_of(name), person.key, false, entropy);
  }
  VerifiedKeyPackage verified(const KeyPackageSecrets& package) {
    return *VerifiedKeyPackage::verify(package.key_package, suite, std::nullopt);
  }
  void keep(const Bytes& message) { messages.push_back(decoded_message<PublicMessage>(message)->authenticated()); }

  World() {
    author.group = *Group::create(
        suite, {.group_id = to_bytes("group"), .leaf = leaf_of("a"), .extensions = {profile::required_capabilities()}},
        author.key, entropy);
    const auto readers = package("r", reader);
    const auto thirds = package("t", third);
    const auto first = *author.group->commit({.adds = {verified(readers), verified(thirds)}}, entropy);
    author.group = first.next;
    reader.group = *Group::join(first.welcome, readers, reader.key);
    // One message that came, after one that did not, so that there are pieces of every kind.
    (void)author.group->protect({}, {}, entropy);
    KITH_CHECK(reader.group->unprotect(*author.group->protect({}, {}, entropy)).has_value());
    before = state(*reader.group);
    letter = *author.group->protect({}, {}, entropy);

    keep(author.group->commit({}, entropy)->commit);
    keep(author.group
             ->commit({.adds = {verified(package("o", outsider))},
                       .removes = {LeafIndex{2}},
                       .extensions = author.group->extensions()},
                      entropy)
             ->commit);
    keep(author.group->propose(Remove{{2}}, {}, entropy)->message);
    keep(author.group->propose_update({}, {}, {}, entropy)->proposed.message);
    info = *decoded_message<GroupInfo>(author.group->group_info(true));
    keep(Group::join_external(author.group->public_group(), info, {.leaf = leaf_of("o")}, outsider.key, entropy)
             ->commit);
    AuthenticatedContent text;
    text.wire_format = WireFormat::private_message;
    text.content = {to_bytes("group"), 1, Sender::member({0}), to_bytes("aad"),
                    ApplicationData{to_secret(as_view("hello"))}};
    messages.push_back(text);
  }
};

World& world() {
  static World one;
  return one;
}

Bytes changed(Bytes bytes, ByteView edits) {
  for (; edits.size() >= 3 && !bytes.empty(); edits = edits.subspan(3)) {
    const std::size_t place = (edits[0] & 0x7FU) << 8 | edits[1];
    const std::size_t at = place % bytes.size();
    bytes[(edits[0] & 0x80U) != 0 ? bytes.size() - 1 - at : at] ^= edits[2];
  }
  return bytes;
}

void check_reader(const Group& reader) { KITH_CHECK(state(reader) == world().before); }

// What was taken for ratchets can be used, whatever it opens.
void use(Result<Group> restored) {
  if (!restored) return;
  test::SeededEntropy entropy(4);
  KITH_CHECK(restored->protect({}, {}, entropy).has_value());
  (void)restored->unprotect(world().letter);
}

void try_message(const AuthenticatedContent& message) {
  const World& w = world();
  Group reader = *w.reader.group;
  if (message.wire_format == WireFormat::private_message) {
    if (message.content.sender.type != SenderType::member || message.content.sender.index > 2) return;
    SecretTree ratchets = test::ratchets_of(*w.author.group);
    test::SeededEntropy entropy(2);
    const auto sealed = encoded_message(protect_private(
        w.suite, message, ratchets, test::secret_of(*w.author.group, test::MemberSecret::sender_data), 0, entropy));
    if (!reader.unprotect(sealed)) check_reader(reader);
    return;
  }
  static const SecretBytes membership_key = test::secret_of(*w.author.group, test::MemberSecret::membership_key);
  const Bytes bytes =
      encoded_message(protect_public(w.suite, message, w.author.group->public_group().context(), membership_key));
  (void)reader.process_proposal(bytes);
  const auto staged = reader.process(bytes);
  check_reader(reader);
  if (staged && staged->next) {
    KITH_CHECK(staged->next->epoch() == reader.epoch() + 1);
    KITH_CHECK(Group::restore(staged->next->epoch_record(), staged->next->ratchet_pieces(), w.reader.key).has_value());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const World& w = world();
  const ByteView edits(data + 1, size - 1);
  const std::size_t kind = data[0] % (w.messages.size() + 2);
  if (kind == w.messages.size()) {
    auto info = decoded<GroupInfo>(changed(encoded(w.info), edits));
    if (!info) return 0;
    sign(w.suite, *info, w.author.key);
    const auto group = PublicGroup::open(*info, std::nullopt, 1 << 12);
    test::SeededEntropy entropy(3);
    if (group) (void)Group::join_external(*group, *info, {.leaf = leaf_of("o")}, w.outsider.key, entropy);
    return 0;
  }
  if (kind == w.messages.size() + 1) {
    const auto& [epoch, ratchets] = w.before;
    const auto restored =
        Group::restore(changed(to_bytes(epoch), edits), *decoded<RatchetPieces>(ratchets), w.reader.key);
    (void)restored;
    const auto pieces = decoded<RatchetPieces>(changed(to_bytes(ratchets), edits));
    if (pieces) use(Group::restore(epoch, *pieces, w.reader.key));
    return 0;
  }
  AuthenticatedContent message = w.messages[kind];
  auto content = decoded<FramedContent>(changed(encoded(message.content), edits));
  if (!content) return 0;
  message.content = *std::move(content);
  const bool is_private = message.wire_format == WireFormat::private_message;
  if (is_private != (message.content.type() == ContentType::application)) return 0;
  const bool from_outside = message.content.sender.type == SenderType::new_member_commit;
  const Bytes tag = message.auth.confirmation_tag;
  sign(w.suite, message, w.author.group->public_group().context(), from_outside ? w.outsider.key : w.author.key);
  message.auth.confirmation_tag = message.content.type() == ContentType::commit ? tag : Bytes{};
  try_message(message);
  return 0;
}
