#include "load/group.h"

#include "keys/conversation.h"
#include "keys/group_policy.h"

namespace kith::load {
namespace {

Failure<Errc> failed(const Failure<mls::Errc>& cause) { return {Errc::bad_state, "MLS: " + cause.detail}; }

ClientId random_client_id() {
  ClientId id;
  crypto::SystemEntropy().fill(id.value);
  return id;
}

}  // namespace

Bytes GroupFounder::bound_to(const ClientId& client_id) const {
  return keys::AuthenticatedData{.conversation = conversation_,
                                 .history_id = history_,
                                 .client_id = client_id,
                                 .kind = static_cast<std::uint8_t>(wire::EntryKind::commit),
                                 .last_seq = {},
                                 .last_hash = keys::kEmptyLog,
                                 .extra = {}}
      .encode();
}

Result<GroupFounder> GroupFounder::found(const Account& founder, const HistoryId& history) {
  crypto::SystemEntropy entropy;
  const auto first_commit = random_client_id();
  const auto conversation = keys::group_conversation(founder.user, first_commit);
  auto group =
      mls::Group::create(crypto::Suite::product(),
                         {.group_id = keys::group_id(conversation, 0),
                          .leaf = founder.leaf(),
                          .extensions = keys::group_extensions(keys::GroupPolicy::founded(founder.user, first_commit))},
                         founder.leaf_key(), entropy);
  if (!group) return std::unexpected(failed(group.error()));
  GroupFounder made(history, std::move(*group));
  made.conversation_ = conversation;
  made.first_commit_ = first_commit;
  made.founding_ = made.group_.group_info(true);
  mls::CommitOptions options;
  options.authenticated_data = made.bound_to(first_commit);
  auto pending = made.group_.commit(options, entropy);
  if (!pending) return std::unexpected(failed(pending.error()));
  made.commit_ = std::move(pending->commit);
  made.group_info_ = std::move(pending->group_info);
  made.group_ = std::move(pending->next);
  return made;
}

wire::FoundGroup GroupFounder::founding() const {
  return {.client_id = first_commit_, .payload = commit_, .group_info = group_info_, .founding = founding_};
}

Result<std::unique_ptr<Filling>> GroupFounder::add(const std::vector<std::pair<const Account*, Bytes>>& devices) {
  crypto::SystemEntropy entropy;
  const auto suite = crypto::Suite::product();
  const auto client_id = random_client_id();
  mls::CommitOptions options;
  options.authenticated_data = bound_to(client_id);
  options.tree_in_welcome = false;
  // Nobody has committed yet: a path would have to be sealed for each leaf.
  options.path = false;
  std::vector<Bytes> refs;
  for (const auto& [account, key_package] : devices) {
    auto package =
        mls::VerifiedKeyPackage::verify_message(key_package, suite, static_cast<std::uint64_t>(unix_now_ms() / 1000));
    if (!package) return std::unexpected(failed(package.error()));
    refs.push_back(mls::key_package_ref(suite, package->get()));
    options.adds.push_back(std::move(*package));
  }
  auto pending = group_.commit(options, entropy);
  if (!pending) return std::unexpected(failed(pending.error()));
  auto filling = std::make_unique<Filling>();
  filling->commit = std::move(pending->commit);
  filling->group_info = std::move(pending->group_info);
  filling->frame = {.conversation = conversation_,
                    .client_id = client_id,
                    .epoch = epoch(),
                    .payload = filling->commit,
                    .group_info = filling->group_info,
                    .welcomes = {}};
  filling->welcomes.reserve(devices.size());
  for (std::size_t i = 0; i < devices.size(); ++i) {
    auto theirs = mls::welcome_for(pending->welcome, refs[i]);
    if (!theirs) return std::unexpected(failed(theirs.error()));
    filling->welcomes.push_back(std::move(*theirs));
    filling->frame.welcomes.push_back(
        {.user = devices[i].first->user, .device = devices[i].first->device, .payload = filling->welcomes.back()});
  }
  group_ = std::move(pending->next);
  return filling;
}

}  // namespace kith::load
