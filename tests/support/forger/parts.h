// Wrong parts that several structures can have. Inside the forger only.
#pragma once

#include "tests/support/forger/forgeries.h"

namespace kith::test {

// One bit, in the middle.
Bytes flipped(Bytes bytes);
inline Hand<Bytes> flip() {
  return [](Bytes& bytes) { bytes = flipped(bytes); };
}
inline Hand<Bytes> becomes(Bytes value) {
  return [value = std::move(value)](Bytes& bytes) { bytes = value; };
}

// Public keys of X25519 that nobody makes, each with its name and why a leaf or a path refuses it.
struct WrongKey {
  std::string name;
  Bytes key;
};
std::vector<WrongKey> wrong_kem_keys(Scene& scene);

// A leaf before it is signed, wrong wherever it stands. `why`: the mls::Errc.
struct WrongLeaf {
  std::string name;
  Hand<mls::LeafNode> change;
  std::string why;
};
std::vector<WrongLeaf> wrong_leaves(Scene& scene);
// ... and wrong beside others' leaves.
std::vector<WrongLeaf> leaves_out_of_place(Scene& scene);
// A credential whose chain does not hold. `why`: the sentence of keys.
struct WrongCredential {
  std::string name;
  Bytes credential;
  std::string why;
};
std::vector<WrongCredential> wrong_credentials(Scene& scene, const Device& device);

// The key package that the commit adds, changed and signed again by its owner.
Hand<std::vector<mls::ProposalOrRef>> package_with(const Scene& scene, Hand<mls::KeyPackage> change);
Hand<std::vector<mls::ProposalOrRef>> package_leaf_with(const Scene& scene, Hand<mls::LeafNode> change);

// "payload: ..." as the server says it.
inline std::string payload(const std::string& why) { return "payload: " + why; }
// What the server and all who read it refuse alike.
Forgery refused(std::string name, Hands hands, const std::string& why);
// What the product has no use for: the server says so before it looks any further. Whoever reads it may have another
// reason.
Forgery unused(std::string name, Hands hands, const std::string& why = {});

// The lists, one a structure.
Forgeries header_forgeries(Scene& scene);
Forgeries content_forgeries(Scene& scene);
Forgeries auth_forgeries(Scene& scene);
Forgeries proposal_forgeries(Scene& scene);
Forgeries key_package_forgeries(Scene& scene);
Forgeries added_leaf_forgeries(Scene& scene);
Forgeries added_credential_forgeries(Scene& scene);
Forgeries path_leaf_forgeries(Scene& scene);  // of whoever commits
Forgeries own_leaf_forgeries(Scene& scene);
Forgeries own_credential_forgeries(Scene& scene);
Forgeries path_key_forgeries(Scene& scene);
Forgeries path_shape_forgeries(Scene& scene);
Forgeries path_secret_forgeries(Scene& scene);
Forgeries bound_data_forgeries(Scene& scene);
Forgeries device_list_forgeries(Scene& scene);
Forgeries group_info_forgeries(Scene& scene);
Forgeries welcome_forgeries(Scene& scene);
Forgeries intrusion_forgeries(Scene& scene);
Forgeries external_forgeries(Scene& scene);
Forgeries returning_leaf_forgeries(Scene& scene);
Forgeries founding_forgeries(Scene& scene);
Forgeries founder_forgeries(Scene& scene);
Forgeries first_commit_forgeries(Scene& scene);

}  // namespace kith::test
