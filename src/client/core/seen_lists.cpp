#include "client/core/seen_lists.h"

namespace kith::client {

bool take_news(std::optional<keys::GenerationCertificate>& newest, const keys::GenerationCertificate& certificate) {
  if (newest && !newest->is_ended_by(certificate)) return false;
  newest = certificate;
  return true;
}

ListSeen take_news(std::optional<keys::GenerationCertificate>& newest, ListAge& list,
                   const keys::FollowedList& followed) {
  if (newest && !followed.certificate.follows(*newest)) return ListSeen::refused;
  const ListAge age = age_of(followed.list);
  const bool is_of_same = newest && newest->follows(followed.certificate);
  // Leaves may have shown the generation before any list of it.
  if (is_of_same && age.generation == list.generation && age.version < list.version) return ListSeen::refused;
  if (is_of_same && age == list) return ListSeen::known;
  newest = followed.certificate;
  list = age;
  return ListSeen::news;
}

}  // namespace kith::client
