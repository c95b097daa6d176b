// The update path of a commit: the committer's new leaf, and the nodes above it.
#include "mls/profile.h"
#include "tests/support/forger/parts.h"

namespace kith::test {

using namespace mls;

namespace {

// Sealed with the right keys, or as if.
Hand<Commit> on_path(Hand<UpdatePath> hand) {
  return [hand = std::move(hand)](Commit& c) { hand(*c.path); };
}
Hand<Commit> on_secret(std::size_t node, Hand<EncryptedPathSecret> hand) {
  return on_path([=](UpdatePath& p) { hand(p.nodes[node].encrypted_path_secrets[0]); });
}

}  // namespace

// What is wrong with a path's leaf, whoever commits.
Forgeries path_leaf_forgeries(Scene& scene) {
  Forgeries out;
  const auto leaf = [&](const std::string& name, Hand<LeafNode> change, const std::string& why) {
    out.push_back(refused(name, {.leaf = std::move(change)}, why));
  };
  for (auto list : {wrong_leaves(scene), leaves_out_of_place(scene)}) {
    for (WrongLeaf& wrong : list) leaf(wrong.name, std::move(wrong.change), wrong.why);
  }
  leaf("leaf_node_source is key_package", [](LeafNode& l) { l.source = LeafNodeSource::key_package; }, "bad_leaf_node");
  leaf("leaf_node_source is update", [](LeafNode& l) { l.source = LeafNodeSource::update; }, "bad_leaf_node");
  leaf("parent_hash is changed", [](LeafNode& l) { l.parent_hash = flipped(l.parent_hash); }, "bad_path");
  leaf("parent_hash is empty", [](LeafNode& l) { l.parent_hash.clear(); }, "bad_path");
  const auto signature = [&](const std::string& name, Hand<LeafNode> change) {
    out.push_back(refused("signature " + name, {.signed_leaf = std::move(change)}, "bad_signature"));
  };
  signature("is changed", [](LeafNode& l) { l.signature = flipped(l.signature); });
  signature("is empty", [](LeafNode& l) { l.signature.clear(); });
  signature("is by another device of the same user",
            [key = scene.anns[1].key, id = scene.group->group_id()](LeafNode& l) {
              mls::sign(crypto::Suite::product(), l, {id, Scene::kForger}, key);
            });
  return out;
}

Forgeries own_leaf_forgeries(Scene& scene) {
  Forgeries out = path_leaf_forgeries(scene);
  const RatchetTree& tree = scene.group->public_group().tree();
  const LeafNode own = *tree.leaf(Scene::kForger);
  out.push_back(refused("encryption_key is kept", {.leaf = [=](LeafNode& l) { l.encryption_key = own.encryption_key; }},
                        "bad_leaf_node"));
  out.push_back(refused("encryption_key is one that a node above it had",
                        {.leaf = [key = tree.encryption_key({1})](LeafNode& l) { l.encryption_key = key; }},
                        "duplicate_key"));
  out.push_back(refused("leaf_node is kept as it is", {.signed_leaf = [=](LeafNode& l) { l = own; }}, "bad_leaf_node"));
  out.push_back(refused("leaf_node is another member's",
                        {.signed_leaf = [leaf = *tree.leaf(Scene::kAnnsSecond)](LeafNode& l) { l = leaf; }},
                        "bad_signature"));
  out.push_back(refused("leaf_node is of a member that was added",
                        {.signed_leaf = [leaf = *tree.leaf(Scene::kNeighbour)](LeafNode& l) { l = leaf; }},
                        "bad_leaf_node"));
  const auto signed_for = [&](const std::string& name, Bytes group_id, LeafIndex place) {
    out.push_back(
        refused("signature is for " + name,
                {.signed_leaf = [=, key = scene.anns[0].key](
                                    LeafNode& l) { mls::sign(crypto::Suite::product(), l, {group_id, place}, key); }},
                "bad_signature"));
  };
  signed_for("another place", scene.group->group_id(), Scene::kNeighbour);
  signed_for("another group", keys::group_id(scene.id, 1), Scene::kForger);
  // MLS lets keys change. Here each is a device's, and its account lists it.
  const auto fresh = crypto::Suite::product().generate_signature_key(scene.entropy);
  const std::string uncertified = "a device certificate that its generation did not sign";
  out.push_back(refused("signature_key is one that nobody certified", {.next_key = fresh}, uncertified));
  const Bytes credential = scene.ann.credential(scene.anns[0].id, fresh.public_key).encode();
  out.push_back(
      {.name = "signature_key is one that the account does not list",
       .hands = {.leaf = [=](LeafNode& l) { l.credential = Credential::basic(credential); }, .next_key = fresh},
       .server = "a leaf that no account lists",
       .reader = ""});
  return out;
}

Forgeries path_key_forgeries(Scene& scene) {
  Forgeries out;
  const auto keys = [&](const std::string& name, Hand<std::vector<Bytes>> change, const std::string& why) {
    out.push_back(refused(name, {.path_keys = std::move(change)}, why));
  };
  const auto node = [&](std::size_t at, const std::string& name, const Bytes& key, const std::string& why) {
    keys("node " + std::to_string(at) + ": encryption_key " + name, [=](std::vector<Bytes>& k) { k[at] = key; }, why);
  };
  const RatchetTree& tree = scene.group->public_group().tree();
  for (const std::size_t at : {0U, 1U, 2U}) {
    for (const WrongKey& wrong : wrong_kem_keys(scene)) node(at, wrong.name, wrong.key, "bad_key");
    node(at, "is another leaf's", tree.leaf(Scene::kNeighbour)->encryption_key, "duplicate_key");
    node(at, "is another node's", tree.encryption_key({9}), "duplicate_key");
  }
  node(0, "is kept", tree.encryption_key({1}), "duplicate_key");
  node(1, "is one that the node below had", tree.encryption_key({1}), "duplicate_key");
  keys("two nodes have one encryption_key", [](std::vector<Bytes>& k) { k[1] = k[0]; }, "duplicate_key");
  const auto seen = std::make_shared<Bytes>();
  out.push_back(refused("the leaf has the encryption_key of a node above it",
                        {.path_keys = [=](std::vector<Bytes>& k) { *seen = k[1]; },
                         .leaf = [=](LeafNode& l) { l.encryption_key = *seen; }},
                        "duplicate_key"));

  // Whoever gets a secret from above a node never learns that node's key.
  const auto underived = [&](std::size_t at, std::vector<LeafIndex> told_by) {
    const Bytes key = crypto::Suite::product().generate_kem_key(scene.entropy).public_key;
    out.push_back({.name = "node " + std::to_string(at) + ": encryption_key is not that of its secret",
                   .hands = {.path_keys = [=](std::vector<Bytes>& k) { k[at] = key; }},
                   .server = "",
                   .reader = "bad_path",
                   .told_by = std::move(told_by)});
  };
  underived(0, {Scene::kNeighbour});
  underived(1, {Scene::kNeighbour, Scene::kBobsSecond});
  underived(2, {});
  return out;
}

Forgeries path_shape_forgeries(Scene&) {
  Forgeries out;
  const auto shape = [&](const std::string& name, Hand<UpdatePath> change) {
    out.push_back(refused(name, {.commit = on_path(std::move(change))}, "bad_path"));
  };
  out.push_back(refused("there is no path", {.has_path = false}, "missing_path"));
  out.push_back(refused("the path is left out", {.commit = [](Commit& c) { c.path.reset(); }}, "missing_path"));
  shape("there is a node less", [](UpdatePath& p) { p.nodes.pop_back(); });
  shape("there is a node more",
        [](UpdatePath& p) { p.nodes.push_back({.encryption_key = Bytes(32, 9), .encrypted_path_secrets = {}}); });
  shape("there are no nodes", [](UpdatePath& p) { p.nodes.clear(); });
  shape("two nodes have changed places", [](UpdatePath& p) { std::swap(p.nodes[0], p.nodes[2]); });
  for (const std::size_t at : {0U, 1U, 2U}) {
    const std::string node = "node " + std::to_string(at);
    shape(node + " has a ciphertext less", [=](UpdatePath& p) { p.nodes[at].encrypted_path_secrets.pop_back(); });
    shape(node + " has a ciphertext more", [=](UpdatePath& p) {
      auto& secrets = p.nodes[at].encrypted_path_secrets;
      secrets.push_back(secrets[0]);
    });
    shape(node + " has no ciphertexts", [=](UpdatePath& p) { p.nodes[at].encrypted_path_secrets.clear(); });
  }
  return out;
}

Forgeries path_secret_forgeries(Scene& scene) {
  Forgeries out;
  for (const WrongKey& wrong : wrong_kem_keys(scene)) {
    out.push_back(refused("kem_output " + wrong.name,
                          {.commit = on_secret(0, [key = wrong.key](auto& s) { s.kem_output = key; })}, "bad_key"));
  }
  const auto size = [&](const std::string& name, Hand<EncryptedPathSecret> change) {
    out.push_back(refused("ciphertext " + name, {.commit = on_secret(0, std::move(change))}, "bad_path"));
  };
  size("is empty", [](auto& s) { s.ciphertext.clear(); });
  size("is a byte short", [](auto& s) { s.ciphertext.pop_back(); });
  size("is a byte long", [](auto& s) { s.ciphertext.push_back(0); });

  // Only the one whom it is for opens it.
  const auto contents = [&](const std::string& name, Hands hands, std::vector<LeafIndex> told_by) {
    out.push_back({.name = name,
                   .hands = std::move(hands),
                   .server = "",
                   .reader = "decryption_failed",
                   .told_by = std::move(told_by)});
  };
  const auto garbled = [](EncryptedPathSecret& s) { s.ciphertext = flipped(s.ciphertext); };
  contents("the neighbour's ciphertext is changed", {.commit = on_secret(0, garbled)}, {Scene::kNeighbour});
  contents("the ciphertext for two leaves away is changed", {.commit = on_secret(1, garbled)}, {Scene::kBobsSecond});
  contents("the ciphertext for a node is changed", {.commit = on_secret(2, garbled)}, {Scene::kAnnsSecond});
  const Bytes other = crypto::Suite::product().generate_kem_key(scene.entropy).public_key;
  contents("kem_output is another point", {.commit = on_secret(0, [=](auto& s) { s.kem_output = other; })},
           {Scene::kNeighbour});
  contents("two ciphertexts have changed places",
           {.commit = on_path([](UpdatePath& p) {
              std::swap(p.nodes[0].encrypted_path_secrets[0], p.nodes[1].encrypted_path_secrets[0]);
            })},
           {Scene::kNeighbour, Scene::kBobsSecond});
  contents("the secrets are sealed in another epoch", {.path_context = [](GroupContext& c) { ++c.epoch; }}, {});
  contents("the secrets are sealed for another tree",
           {.path_context = [](GroupContext& c) { c.tree_hash = flipped(c.tree_hash); }}, {});
  return out;
}

}  // namespace kith::test
