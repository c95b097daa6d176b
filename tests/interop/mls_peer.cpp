// Plays members of MLS groups with our library, for a test that is written in another language: one JSON object a line
// in on stdin, one a line out, in the same order. Bytes are hexadecimal.
//
//   {"op": NAME, "member": NAME, ...}  ->  what the operation gives, or {"error": name of the mls::Errc, "detail": ...}
//
// A member lives as long as the process and is in at most one group. There is no log here: a member's own commit is
// applied at once, and the test sees to it that nobody loses. Proposals that a member knows go into its next commit.
#include <algorithm>
#include <ctime>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "mls/group.h"
#include "mls/profile.h"
#include "tests/support/seeded_entropy.h"

namespace kith::mls {
namespace {

using Json = nlohmann::json;

// So that a failing run can be repeated.
using kith::test::SeededEntropy;

struct Person {
  crypto::Suite suite;
  SeededEntropy entropy;
  crypto::SignatureKeyPair key;
  LeafParameters leaf = {};
  KeyPackageSecrets key_package = {};
  std::map<Bytes, SecretBytes> psks = {};
  std::optional<Group> group = {};
  // Of the group's epoch.
  std::vector<CachedProposal> proposals = {};
  std::vector<OwnUpdate> updates = {};

  void enter(std::optional<Group> next) {
    group = std::move(next);
    proposals.clear();
    updates.clear();
  }
  [[nodiscard]] PskLookup known_psks() const {
    return [this](const PreSharedKeyId& id) -> std::optional<SecretBytes> {
      const auto at = psks.find(id.psk_id);
      return at != psks.end() ? std::optional(at->second) : std::nullopt;
    };
  }
  // A proposal's nonce is its committer's.
  [[nodiscard]] PreSharedKeyId psk_id(Bytes id) {
    PreSharedKeyId out{.psk_id = std::move(id), .psk_nonce = Bytes(suite.hash_size())};
    entropy.fill(out.psk_nonce);
    return out;
  }
};

// The fields of a request. A missing one is the runner's mistake and throws, unless it has a default.
Bytes bytes(const Json& value) { return from_hex(value.get<std::string>()).value(); }
Bytes bytes(const Json& in, const char* field) { return bytes(in.value(field, Json(""))); }
Json list(const Json& in, const char* field) { return in.value(field, Json::array()); }
Extensions extensions(const Json& pairs) {
  Extensions out;
  for (const Json& pair : pairs) out.push_back({pair.at(0).get<std::uint16_t>(), bytes(pair.at(1))});
  return out;
}
// The tree beside a Welcome or GroupInfo that has none in it.
std::optional<ByteView> optional_tree(const Bytes& tree) {
  return tree.empty() ? std::nullopt : std::optional<ByteView>(tree);
}

// The other implementation asks the system's clock.
std::uint64_t now_s() { return static_cast<std::uint64_t>(std::time(nullptr)); }

Result<VerifiedKeyPackage> key_package(const Person& p, const Json& hex) {
  return VerifiedKeyPackage::verify_message(bytes(hex), p.suite, now_s());
}

// seed, suite -> key_package
Person new_member(const Json& in) {
  const auto suite = crypto::Suite::find(in.at("suite").get<std::uint16_t>()).value();
  SeededEntropy entropy(in.at("seed").get<std::uint64_t>());
  auto key = suite.generate_signature_key(entropy);
  Person p{.suite = suite, .entropy = entropy, .key = std::move(key)};
  p.leaf = {.credential = Credential::basic(to_bytes(in.at("member").get<std::string>())),
            .capabilities = profile::capabilities(),
            .lifetime = profile::lifetime(now_s()),
            .extensions = {}};
  p.leaf.capabilities.cipher_suites = {suite.id()};
  p.key_package = create_key_package(suite, p.leaf, p.key, false, p.entropy);
  return p;
}

// id, secret: an external PSK that this member has
Result<Json> learn_psk(Person& p, const Json& in) {
  p.psks[bytes(in, "id")] = to_secret(bytes(in, "secret"));
  return Json::object();
}

// group_id, [extensions]
Result<Json> create(Person& p, const Json& in) {
  const CreateOptions options{
      .group_id = bytes(in, "group_id"), .leaf = p.leaf, .extensions = extensions(list(in, "extensions"))};
  KITH_TRY(Group group, Group::create(p.suite, options, p.key, p.entropy));
  p.enter(std::move(group));
  return Json::object();
}

// [adds], [removes], [extensions], [psks: ids], [new_signature_key], [path], [as_private_message],
// [authenticated_data], [tree_in_welcome] -> commit, welcome
Result<Json> commit(Person& p, const Json& in) {
  CommitOptions options;
  for (const Json& hex : list(in, "adds")) {
    KITH_TRY(auto verified, key_package(p, hex));
    options.adds.push_back(std::move(verified));
  }
  for (const Json& leaf : list(in, "removes")) options.removes.push_back({leaf.get<std::uint32_t>()});
  if (in.contains("extensions")) options.extensions = extensions(in["extensions"]);
  for (const Json& id : list(in, "psks")) options.psks.push_back({p.psk_id(bytes(id)), p.psks.at(bytes(id))});
  options.by_reference = p.proposals;
  options.find_psk = p.known_psks();
  if (in.value("new_signature_key", false)) options.new_signature_key = p.suite.generate_signature_key(p.entropy);
  options.authenticated_data = bytes(in, "authenticated_data");
  options.path = in.value("path", true);
  options.tree_in_welcome = in.value("tree_in_welcome", true);
  Group& group = p.group.value();
  KITH_TRY(PendingCommit pending, in.value("as_private_message", false) ? group.commit_privately(options, p.entropy)
                                                                        : group.commit(options, p.entropy));
  if (options.new_signature_key) p.key = *options.new_signature_key;
  p.enter(std::move(pending.next));
  return Json{{"commit", to_hex(pending.commit)}, {"welcome", to_hex(pending.welcome)}};
}

// welcome, [tree]
Result<Json> join(Person& p, const Json& in) {
  const Bytes tree = bytes(in, "tree");
  KITH_TRY(Group group, Group::join(bytes(in, "welcome"), p.key_package, p.key,
                                    {.tree = optional_tree(tree), .psks = p.known_psks()}));
  p.enter(std::move(group));
  return Json::object();
}

// group_info, [tree], [remove: leaf], [authenticated_data] -> commit
Result<Json> join_external(Person& p, const Json& in) {
  const Bytes tree = bytes(in, "tree");
  KITH_TRY(const auto info, decoded_message<GroupInfo>(bytes(in, "group_info")));
  KITH_TRY(const PublicGroup group, PublicGroup::open(info, optional_tree(tree)));
  ExternalJoinOptions options{.leaf = p.leaf, .authenticated_data = bytes(in, "authenticated_data")};
  if (in.contains("remove")) options.remove = LeafIndex{in["remove"].get<std::uint32_t>()};
  KITH_TRY(PendingCommit pending, Group::join_external(group, info, options, p.key, p.entropy));
  p.enter(std::move(pending.next));
  return Json{{"commit", to_hex(pending.commit)}};
}

// One of add, remove, extensions, psk (an id), update; [as_private_message], [authenticated_data] -> message
Result<Json> propose(Person& p, const Json& in) {
  const ProposeOptions options{.authenticated_data = bytes(in, "authenticated_data"),
                               .as_private_message = in.value("as_private_message", false)};
  Group& group = p.group.value();
  std::optional<Proposal> proposal;
  if (in.contains("add")) {
    KITH_TRY(const auto verified, key_package(p, in["add"]));
    proposal = Add{verified.get()};
  } else if (in.contains("remove")) {
    proposal = Remove{{in["remove"].get<std::uint32_t>()}};
  } else if (in.contains("extensions")) {
    proposal = GroupContextExtensions{extensions(in["extensions"])};
  } else if (in.contains("psk")) {
    proposal = PreSharedKey{p.psk_id(bytes(in, "psk"))};
  } else {
    KITH_TRY(auto made, group.propose_update({}, {}, options, p.entropy));
    p.updates.push_back(std::move(made.update));
    p.proposals.push_back(std::move(made.proposed.cached));
    return Json{{"message", to_hex(made.proposed.message)}};
  }
  KITH_TRY(Proposed made, group.propose(*std::move(proposal), options, p.entropy));
  p.proposals.push_back(std::move(made.cached));
  return Json{{"message", to_hex(made.message)}};
}

// group_info -> message: the proposal to be added, by one who is outside
Result<Json> ask_to_join(Person& p, const Json& in) {
  KITH_TRY(const auto info, decoded_message<GroupInfo>(bytes(in, "group_info")));
  return Json{{"message", to_hex(propose_joining(info.group_context, p.suite, p.key_package.key_package, p.key))}};
}

// data, [authenticated_data] -> message
Result<Json> protect(Person& p, const Json& in) {
  KITH_TRY(const Bytes message, p.group.value().protect(bytes(in, "authenticated_data"), bytes(in, "data"), p.entropy));
  return Json{{"message", to_hex(message)}};
}

// message -> kind, and for application messages and commits what came with it
Result<Json> receive(Person& p, const Json& in) {
  const Bytes message = bytes(in, "message");
  Group& group = p.group.value();
  KITH_TRY(const auto opened, decoded<MlsMessage>(message));
  const auto* open = std::get_if<PublicMessage>(&opened);
  const auto* sealed = std::get_if<PrivateMessage>(&opened);
  if (open == nullptr && sealed == nullptr) return fail(Errc::wrong_message, "not a message to a group");
  switch (open != nullptr ? open->content.type() : sealed->content_type) {
    case ContentType::application: {
      KITH_TRY(const auto received, group.unprotect(message));
      return Json{{"kind", "application"},
                  {"sender", received.sender.value},
                  {"data", to_hex(received.data)},
                  {"authenticated_data", to_hex(received.authenticated_data)}};
    }
    case ContentType::proposal: {
      KITH_TRY(auto cached, group.process_proposal(message));
      p.proposals.push_back(std::move(cached));
      return Json{{"kind", "proposal"}};
    }
    case ContentType::commit:
      break;
  }
  KITH_TRY(StagedCommit staged,
           group.process(message, {.cached = p.proposals, .psks = p.known_psks(), .updates = p.updates}));
  p.enter(std::move(staged.next));
  return Json{{"kind", "commit"},
              {"removed", !p.group.has_value()},
              {"authenticated_data", to_hex(staged.effects.authenticated_data)}};
}

// [tree: whether it is in the GroupInfo] -> group_info, and the tree to give beside it
Result<Json> group_info(Person& p, const Json& in) {
  const Group& group = p.group.value();
  return Json{{"group_info", to_hex(group.group_info(in.value("tree", true)))},
              {"tree", to_hex(group.public_group().tree().encode())}};
}

// What all members of an epoch agree on, and where this one stands.
Result<Json> state(Person& p, const Json& /*in*/) {
  const Group& group = p.group.value();
  const GroupContext& context = group.public_group().context();
  return Json{{"leaf", group.own_leaf().value},
              {"epoch", context.epoch},
              {"epoch_authenticator", to_hex(group.epoch_authenticator())},
              {"exported", to_hex(group.export_secret("kith interop", as_view("context"), 40))},
              {"tree_hash", to_hex(context.tree_hash)}};
}

using Operation = Result<Json> (*)(Person&, const Json&);
constexpr std::pair<std::string_view, Operation> kOperations[] = {{"learn_psk", learn_psk},
                                                                  {"create", create},
                                                                  {"commit", commit},
                                                                  {"join", join},
                                                                  {"join_external", join_external},
                                                                  {"propose", propose},
                                                                  {"ask_to_join", ask_to_join},
                                                                  {"protect", protect},
                                                                  {"receive", receive},
                                                                  {"group_info", group_info},
                                                                  {"state", state}};

Json answer(std::map<std::string, Person>& people, const std::string& line) {
  try {
    const Json in = Json::parse(line);
    const auto who = in.at("member").get<std::string>();
    if (in.at("op") == "new_member") {
      const auto [at, fresh] = people.insert_or_assign(who, new_member(in));
      return {{"key_package", to_hex(encoded_message(at->second.key_package.key_package))}};
    }
    const auto operation =
        std::ranges::find(kOperations, in.at("op").get<std::string>(), [](const auto& o) { return o.first; });
    if (operation == std::end(kOperations)) return {{"error", "bad_request"}, {"detail", "no such operation"}};
    auto result = operation->second(people.at(who), in);
    if (result) return *std::move(result);
    return {{"error", name(result.error().code)}, {"detail", result.error().detail}};
  } catch (const std::exception& mistake) {
    return {{"error", "bad_request"}, {"detail", mistake.what()}};
  }
}

void run() {
  std::map<std::string, Person> people;
  for (std::string line; std::getline(std::cin, line);) std::cout << answer(people, line) << std::endl;
}

}  // namespace
}  // namespace kith::mls

int main() { kith::mls::run(); }
