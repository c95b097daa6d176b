#include "client/core/group_json.h"

#include <tuple>

namespace kith::client {

const char* membership_name(Membership membership) {
  switch (membership) {
    case Membership::member:
      return "member";
    case Membership::out:
      return "out";
    case Membership::none:
    case Membership::invited:
    case Membership::lost:
      break;
  }
  return "joining";
}

const char* role_name(keys::Role role) {
  return role == keys::Role::owner ? "owner" : role == keys::Role::admin ? "admin" : "member";
}

std::optional<keys::Role> role_of_name(const std::string& name) {
  for (const keys::Role role : {keys::Role::member, keys::Role::admin, keys::Role::owner}) {
    if (name == role_name(role)) return role;
  }
  return std::nullopt;
}

const char* who_name(keys::Who who) { return who == keys::Who::admins ? "admins" : "everyone"; }

std::optional<keys::Who> who_of_name(const std::string& name) {
  for (const keys::Who who : {keys::Who::everyone, keys::Who::admins}) {
    if (name == who_name(who)) return who;
  }
  return std::nullopt;
}

Json notice_of(const LossRecord& loss) {
  Json notice = {{"kind", "messages_lost"}};
  if (loss.count > 0) {
    notice["count"] = loss.count;
    notice["from_ms"] = loss.from_ms;
    notice["to_ms"] = loss.to_ms;
  }
  return notice;
}

namespace {

Json texts_of(const std::vector<UserId>& users) {
  Json texts = Json::array();
  for (const UserId& user : users) texts.push_back(user.text());
  return texts;
}

Json change_of(const ChangeRecord& change) {
  const auto about_people = [&](const char* what) { return Json{{"what", what}, {"users", texts_of(change.users)}}; };
  const auto about_rights = [&](const char* what) {
    return Json{{"what", what}, {"who", who_name(static_cast<keys::Who>(change.value))}};
  };
  switch (change.kind) {
    case ChangeKind::created:
      return {{"what", "created"}};
    case ChangeKind::added:
      return about_people("added");
    case ChangeKind::removed:
      return about_people("removed");
    case ChangeKind::left:
      return about_people("left");
    case ChangeKind::role:
      return {{"what", "role"},
              {"user", change.users.empty() ? std::string() : change.users.front().text()},
              {"role", role_name(static_cast<keys::Role>(change.value))}};
    case ChangeKind::name:
      return {{"what", "name"}, {"name", change.text}};
    case ChangeKind::description:
      return {{"what", "description"}};
    case ChangeKind::may_send:
      return about_rights("may_send");
    case ChangeKind::may_edit:
      return about_rights("may_edit");
    case ChangeKind::may_add:
      return about_rights("may_add");
    case ChangeKind::joined:
      return about_people("joined");
    case ChangeKind::invite_made:
      return {{"what", "invite_made"}};
    case ChangeKind::invite_revoked:
      return {{"what", "invite_revoked"}};
    case ChangeKind::identity:
    case ChangeKind::generation:
      break;  // a notice of its own
  }
  return Json::object();
}

}  // namespace

Json notice_of(const LineRecord& line) {
  if (line.changes.size() == 1 && line.changes.front().kind == ChangeKind::identity)
    return {{"kind", "identity_changed"}, {"user", line.by.text()}};
  if (line.changes.size() == 1 && line.changes.front().kind == ChangeKind::generation)
    return {{"kind", "generation_unsigned"}, {"user", line.by.text()}};
  Json changes = Json::array();
  for (const ChangeRecord& change : line.changes) changes.push_back(change_of(change));
  return {{"kind", "group"}, {"by", line.by.text()}, {"changes", std::move(changes)}};
}

std::weak_ordering operator<=>(const MemberShown& a, const MemberShown& b) {
  const auto key = [](const MemberShown& m) {
    return std::tuple(!m.is_self, -static_cast<int>(m.role), m.name, m.user);
  };
  return key(a) <=> key(b);
}

}  // namespace kith::client
