#include "tests/support/forger/parts.h"

#include <algorithm>

#include "mls/labels.h"
#include "mls/profile.h"

namespace kith::test {

using namespace mls;

void for_each_damage(const Bytes& honest, const std::function<void(const Bytes&, const std::string&)>& use) {
  for (std::size_t i = 0; i < honest.size(); ++i) {
    Bytes damaged = honest;
    damaged[i] = static_cast<std::uint8_t>(damaged[i] ^ (1U << (i % 8)));
    use(damaged, "byte " + std::to_string(i));
    use(Bytes(honest.begin(), honest.begin() + static_cast<std::ptrdiff_t>(i)), "length " + std::to_string(i));
  }
  Bytes longer = honest;
  longer.push_back(0);
  use(longer, "one byte more");
}

Bytes flipped(Bytes bytes) {
  bytes[bytes.size() / 2] ^= 1;
  return bytes;
}

std::vector<WrongKey> wrong_kem_keys(Scene& scene) {
  const Bytes key = crypto::Suite::product().generate_kem_key(scene.entropy).public_key;
  Bytes longer = key;
  longer.push_back(0);
  Bytes top_bit = key;
  top_bit[31] |= 0x80;
  // 9 and the field's prime: the base point, written longer than it must be.
  Bytes not_reduced(32, 0xFF);
  not_reduced[0] = 0xF6;
  not_reduced[31] = 0x7F;
  const Bytes order_8 = from_hex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800").value();
  return {{"is empty", {}},
          {"is a byte short", Bytes(key.begin(), key.end() - 1)},
          {"is a byte long", longer},
          {"is the point zero", Bytes(32)},
          {"has a low order", order_8},
          {"is not reduced", not_reduced},
          {"has its top bit set", top_bit}};
}

std::vector<WrongLeaf> wrong_leaves(Scene& scene) {
  std::vector<WrongLeaf> out;
  for (const WrongKey& wrong : wrong_kem_keys(scene)) {
    out.push_back(
        {"encryption_key " + wrong.name, [key = wrong.key](LeafNode& l) { l.encryption_key = key; }, "bad_key"});
  }
  out.push_back({"signature_key is a byte short", [](LeafNode& l) { l.signature_key.pop_back(); }, "bad_signature"});
  out.push_back({"signature_key is another's",
                 [key = scene.bobs[0].key.public_key](LeafNode& l) { l.signature_key = key; }, "bad_signature"});
  out.push_back({"credential has an unknown type",
                 [](LeafNode& l) { l.credential = {.type = 0x0A0A, .identity = {}, .certificates = {}}; },
                 "bad_credential"});
  out.push_back({"credential has a type that the leaf does not list",
                 [](LeafNode& l) {
                   l.credential = {.type = credential_type::kX509, .identity = {}, .certificates = {{to_bytes("x")}}};
                 },
                 "unsupported_capability"});
  out.push_back(
      {"capabilities.versions is empty", [](LeafNode& l) { l.capabilities.versions.clear(); }, "unsupported_version"});
  out.push_back({"capabilities.versions has others only", [](LeafNode& l) { l.capabilities.versions = {0, 2}; },
                 "unsupported_version"});
  out.push_back({"capabilities.cipher_suites is empty", [](LeafNode& l) { l.capabilities.cipher_suites.clear(); },
                 "unsupported_suite"});
  out.push_back({"capabilities.cipher_suites has others only", [](LeafNode& l) { l.capabilities.cipher_suites = {1}; },
                 "unsupported_suite"});
  out.push_back({"capabilities.extensions is empty", [](LeafNode& l) { l.capabilities.extensions.clear(); },
                 "unsupported_capability"});
  out.push_back({"capabilities.credentials is empty", [](LeafNode& l) { l.capabilities.credentials.clear(); },
                 "unsupported_capability"});
  out.push_back({"extensions has one that the leaf does not list",
                 [](LeafNode& l) { l.extensions.push_back({0xF999, to_bytes("x")}); }, "unsupported_capability"});
  out.push_back(
      {"extensions has one twice",
       [](LeafNode& l) { l.extensions.insert(l.extensions.end(), 2, {profile::kPolicyExtension, to_bytes("x")}); },
       "bad_value"});
  return out;
}

std::vector<WrongLeaf> leaves_out_of_place(Scene& scene) {
  const RatchetTree& tree = scene.group->public_group().tree();
  const Bytes neighbours = tree.leaf(Scene::kNeighbour)->encryption_key;
  const Bytes nodes = tree.encryption_key({9});
  return {{"encryption_key is another leaf's", [=](LeafNode& l) { l.encryption_key = neighbours; }, "duplicate_key"},
          {"encryption_key is a node's", [=](LeafNode& l) { l.encryption_key = nodes; }, "duplicate_key"},
          {"credential has a type that others do not list",
           [](LeafNode& l) {
             l.capabilities.credentials.push_back(credential_type::kX509);
             l.credential = {.type = credential_type::kX509, .identity = {}, .certificates = {{to_bytes("x")}}};
           },
           "unsupported_capability"}};
}

Hand<std::vector<ProposalOrRef>> package_with(const Scene& scene, Hand<KeyPackage> change) {
  return [key = scene.anns[3].key, change = std::move(change)](std::vector<ProposalOrRef>& proposals) {
    KeyPackage& package = std::get<Add>(std::get<Proposal>(proposals[1])).key_package;
    change(package);
    sign(package, key);
  };
}

Hand<std::vector<ProposalOrRef>> package_leaf_with(const Scene& scene, Hand<LeafNode> change) {
  return package_with(scene, [key = scene.anns[3].key, change = std::move(change)](KeyPackage& package) {
    change(package.leaf);
    mls::sign(crypto::Suite::product(), package.leaf, {}, key);
  });
}

Forgery refused(std::string name, Hands hands, const std::string& why) {
  return {.name = std::move(name), .hands = std::move(hands), .server = payload(why), .reader = why};
}

Forgery unused(std::string name, Hands hands, const std::string& why) {
  const std::string sentence = "a proposal that is not used here";
  return {.name = std::move(name),
          .hands = std::move(hands),
          .server = payload(sentence),
          .reader = why.empty() ? sentence : why};
}

}  // namespace kith::test
