#include "client/core/own_requests.h"

#include <algorithm>

#include "client/core/joining.h"
#include "client/core/machine.h"

namespace kith::client {

bool OwnRequests::restore(ByteView record) {
  auto read = mls::decoded<JoinRequestsRecord>(record);
  if (!read) return false;
  record_ = *std::move(read);
  return true;
}

void OwnRequests::show() const {
  Json requests = Json::array();
  for (const JoinRequestRecord& request : record_.requests) {
    Json json = {{"conversation", request.link.conversation.text()},
                 {"name", request.link.name},
                 {"asked_ms", request.asked_ms}};
    if (!request.refusal.empty()) json["refusal"] = request.refusal;
    requests.push_back(std::move(json));
  }
  machine_.show({{"type", "join_requests"}, {"requests", std::move(requests)}});
}

void OwnRequests::changed() {
  machine_.put(row_key::join_requests(), mls::encoded_secret(record_));
  show();
}

JoinRequestRecord* OwnRequests::find(const ConversationId& group) {
  const auto at = std::ranges::find_if(record_.requests, [&](const auto& r) { return r.link.conversation == group; });
  return at == record_.requests.end() ? nullptr : &*at;
}

void OwnRequests::asked(const InviteLink& link) {
  std::erase_if(record_.requests, [&](const auto& r) { return r.link.conversation == link.conversation; });
  if (record_.requests.size() >= kMax) record_.requests.erase(record_.requests.begin());
  record_.requests.push_back({.link = link, .asked_ms = machine_.now().value});
  changed();
}

void OwnRequests::is_in(const ConversationId& group) {
  if (find(group) == nullptr) return;
  std::erase_if(record_.requests, [&](const auto& r) { return r.link.conversation == group; });
  changed();
}

void OwnRequests::forget(const Reply& reply, const Json& command) {
  const auto group = id_field<ConversationId>(command, "conversation");
  if (!group || find(*group) == nullptr)
    return reply.failed("unknown_conversation", "Nobody was asked to be let into such a group.");
  is_in(*group);
  reply.done({});
}

void OwnRequests::look() {
  for (const JoinRequestRecord& request : record_.requests) look(request);
}

void OwnRequests::declined(const ConversationId& group) {
  JoinRequestRecord* request = find(group);
  if (request == nullptr || !request->refusal.empty()) return;
  request->refusal = "declined";
  machine_.warn("join_declined", "Your request to join " + request->link.name + " was declined.", &group);
  changed();
}

// What finds no place now is asked at the next sync.
void OwnRequests::look(const JoinRequestRecord& request) {
  const ConversationId group = request.link.conversation;
  if (!request.refusal.empty() || machine_.connection.free_slots() == 0) return;
  if (!looking_.insert(group).second) return;
  const Bytes proof = join_proof(request.link, machine_).encode();
  machine_.connection.request(wire::GetGroup{.conversation = group, .first_node = kNoNode, .proof = proof},
                              [this, group](const wire::Body& body) { told(group, body); });
}

void OwnRequests::told(const ConversationId& group, const wire::Body& body) {
  looking_.erase(group);
  JoinRequestRecord* request = find(group);
  const auto* error = std::get_if<wire::Error>(&body);
  // Whom the server shows the group is in, or can come in: the Welcome or the link says the rest.
  if (request == nullptr || error == nullptr) return;
  switch (error->code) {
    case wire::ErrorCode::invite_revoked:
    case wire::ErrorCode::invite_expired:
    case wire::ErrorCode::invite_used_up:
      request->refusal = why_not_in(*error).error;
      break;
    default:
      return;
  }
  changed();
}

}  // namespace kith::client
