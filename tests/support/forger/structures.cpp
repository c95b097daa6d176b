// Which lists there are.
#include "tests/support/forger/parts.h"

namespace kith::test {

std::span<const Structure> structures_of_commit() {
  static constexpr Structure kAll[] = {{"MlsMessage", header_forgeries},
                                       {"FramedContent", content_forgeries},
                                       {"AuthenticatedData", bound_data_forgeries},
                                       {"DeviceLists", device_list_forgeries},
                                       {"FramedContentAuthData", auth_forgeries},
                                       {"Proposals", proposal_forgeries},
                                       {"KeyPackage", key_package_forgeries},
                                       {"AddedLeafNode", added_leaf_forgeries},
                                       {"AddedCredential", added_credential_forgeries},
                                       {"PathLeafNode", own_leaf_forgeries},
                                       {"PathCredential", own_credential_forgeries},
                                       {"PathKeys", path_key_forgeries},
                                       {"PathShape", path_shape_forgeries},
                                       {"PathSecrets", path_secret_forgeries}};
  return kAll;
}

Structure group_infos() { return {"GroupInfo", group_info_forgeries}; }
Structure welcomes() { return {"Welcome", welcome_forgeries}; }
Structure intrusions() { return {"Intrusion", intrusion_forgeries}; }

std::span<const Structure> structures_of_return() {
  static constexpr Structure kAll[] = {{"ExternalCommit", external_forgeries},
                                       {"ReturningLeafNode", returning_leaf_forgeries}};
  return kAll;
}

std::span<const Structure> structures_of_beginning() {
  static constexpr Structure kAll[] = {{"Founding", founding_forgeries},
                                       {"FoundersLeafNode", founder_forgeries},
                                       {"FirstCommit", first_commit_forgeries}};
  return kAll;
}

}  // namespace kith::test
