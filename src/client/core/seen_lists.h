// The newest of a user's generations and device lists that this device has seen. What is older is not the user's any
// more; what stands beside it was begun by somebody who is out, or by a server that helps one.
#pragma once

#include "client/core/record.h"
#include "keys/followed_list.h"

namespace kith::client {

[[nodiscard]] inline ListAge age_of(const keys::DeviceList& list) { return {list.generation, list.version}; }

// Both verified, of one user; `newest` is nothing where none was seen. True where it is news, which is then the newest.
[[nodiscard]] bool take_news(std::optional<keys::GenerationCertificate>& newest,
                             const keys::GenerationCertificate& certificate);

enum class ListSeen : std::uint8_t {
  refused,  // it is older than what was seen, or stands beside it: nothing changed
  known,
  news,  // it, or its generation: now the newest
};
[[nodiscard]] ListSeen take_news(std::optional<keys::GenerationCertificate>& newest, ListAge& list,
                                 const keys::FollowedList& followed);

}  // namespace kith::client
