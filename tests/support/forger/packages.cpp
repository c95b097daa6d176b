// Key packages that a commit adds: each of their fields, and those of the leaf in them.
#include "tests/support/forger/parts.h"

namespace kith::test {

using namespace mls;

Forgeries key_package_forgeries(Scene& scene) {
  Forgeries out;
  const auto package = [&](const std::string& name, Hand<KeyPackage> change, const std::string& why) {
    out.push_back(refused(name, {.proposals = package_with(scene, std::move(change))}, why));
  };
  // Not signed again: what somebody does who is not the owner.
  const auto unsigned_package = [&](const std::string& name, Hand<KeyPackage> change) {
    out.push_back(refused(name,
                          {.proposals = [change = std::move(change)](
                                            auto& p) { change(std::get<Add>(std::get<Proposal>(p[1])).key_package); }},
                          "bad_signature"));
  };
  package("version is 0", [](KeyPackage& k) { k.version = 0; }, "unsupported_version");
  package("version is 2", [](KeyPackage& k) { k.version = 2; }, "unsupported_version");
  package("cipher_suite is another one", [](KeyPackage& k) { k.suite = 1; }, "unsupported_suite");
  package("cipher_suite is unknown", [](KeyPackage& k) { k.suite = 0xF0F0; }, "unsupported_suite");
  for (const WrongKey& wrong : wrong_kem_keys(scene)) {
    package("init_key " + wrong.name, [key = wrong.key](KeyPackage& k) { k.init_key = key; }, "bad_key");
  }
  package(
      "init_key is the leaf's encryption_key", [](KeyPackage& k) { k.init_key = k.leaf.encryption_key; },
      "duplicate_key");
  package(
      "extensions has one twice",
      [](KeyPackage& k) { k.extensions.insert(k.extensions.end(), 2, {extension_type::kLastResort, {}}); },
      "bad_value");
  unsigned_package(
      "init_key is the forger's",
      [key = crypto::Suite::product().generate_kem_key(scene.entropy).public_key](KeyPackage& k) { k.init_key = key; });
  unsigned_package("extensions has one that its owner did not sign",
                   [](KeyPackage& k) { k.extensions.push_back({extension_type::kLastResort, {}}); });
  unsigned_package("signature is changed", [](KeyPackage& k) { k.signature = flipped(k.signature); });
  unsigned_package("signature is empty", [](KeyPackage& k) { k.signature.clear(); });
  unsigned_package("signature is by another device of the same user",
                   [key = scene.anns[1].key](KeyPackage& k) { sign(k, key); });
  unsigned_package("leaf_node is that of a member", [leaf = *scene.group->public_group().tree().leaf(Scene::kNeighbour),
                                                     key = scene.anns[3].key](KeyPackage& k) {
    k.leaf = leaf;
    sign(k, key);
  });
  return out;
}

Forgeries added_leaf_forgeries(Scene& scene) {
  Forgeries out;
  for (auto list : {wrong_leaves(scene), leaves_out_of_place(scene)}) {
    for (WrongLeaf& wrong : list)
      out.push_back(refused(wrong.name, {.proposals = package_leaf_with(scene, std::move(wrong.change))}, wrong.why));
  }
  const auto leaf = [&](const std::string& name, Hand<LeafNode> change, const std::string& why) {
    out.push_back(refused(name, {.proposals = package_leaf_with(scene, std::move(change))}, why));
  };
  leaf("leaf_node_source is update", [](LeafNode& l) { l.source = LeafNodeSource::update; }, "bad_leaf_node");
  leaf("leaf_node_source is commit", [](LeafNode& l) { l.source = LeafNodeSource::commit; }, "bad_leaf_node");
  const auto signature = [&](const std::string& name, Hand<LeafNode> change) {
    out.push_back(refused(
        name, {.proposals = package_with(scene, [change = std::move(change)](KeyPackage& k) { change(k.leaf); })},
        "bad_signature"));
  };
  signature("leaf_node.signature is changed", [](LeafNode& l) { l.signature = flipped(l.signature); });
  signature("leaf_node.signature is empty", [](LeafNode& l) { l.signature.clear(); });
  signature("leaf_node.signature is by another device of the same user",
            [key = scene.anns[1].key](LeafNode& l) { mls::sign(crypto::Suite::product(), l, {}, key); });

  // Members never ask for the time: they would not all decide alike.
  const std::uint64_t now = scene.now_s;
  constexpr std::uint64_t kDay = 24 * 3600;
  const auto lifetime = [&](const std::string& name, Lifetime span, const std::string& server) {
    out.push_back({.name = "lifetime " + name,
                   .hands = {.proposals = package_leaf_with(scene, [=](LeafNode& l) { l.lifetime = span; })},
                   .server = server,
                   .reader = ""});
  };
  const std::string outside = payload("a leaf outside its lifetime");
  lifetime("is over", {now - 2 * kDay, now - kDay}, outside);
  lifetime("has not begun", {now + kDay, now + 2 * kDay}, outside);
  lifetime("ends before it begins", {now + kDay, now - kDay}, outside);
  lifetime("is longer than any may be", {now - kDay, now + 1000 * kDay}, payload("a leaf of too long a lifetime"));
  lifetime("never ends", {0, ~std::uint64_t{0}}, payload("a leaf of too long a lifetime"));
  return out;
}

}  // namespace kith::test
