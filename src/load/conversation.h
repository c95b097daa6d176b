// Direct conversations as far as the load needs them: a real first commit, and after it application messages that are
// framed as MLS frames them but hold random bytes, of exactly the size that sealing a text of the wanted length gives.
#pragma once

#include <vector>

#include "load/account.h"
#include "wire/frame.h"

namespace kith::load {

// What CreateDirect carries, with the bytes that its views would point into.
struct FirstCommit {
  ClientId client_id;
  Bytes founding;
  Bytes commit;
  Bytes group_info;
  Bytes welcome;
};

// A one-leaf group by `creator`, and the commit that adds the device of this key package (an MLSMessage).
Result<FirstCommit> make_first_commit(const Account& creator, const UserId& peer, ByteView key_package,
                                      const HistoryId& history);

// The size of the ciphertext of an application message whose text has this many bytes: padded content, framing,
// signature, tag.
std::size_t ciphertext_size(std::size_t text_bytes);

// The payload of application messages: an MLSMessage whose client id can be set.
class PayloadTemplate {
 public:
  PayloadTemplate(const ConversationId& conversation, const HistoryId& history, Epoch epoch, std::size_t text_bytes);
  [[nodiscard]] Bytes with(const ClientId& client_id) const;

 private:
  Bytes payload_;
  std::size_t client_id_at_ = 0;  // in its authenticated_data
};

// One Append frame, of which every message is a copy with another request id and client id: encoding costs three small
// writes.
class AppendTemplate {
 public:
  AppendTemplate(const ConversationId& conversation, const HistoryId& history, Epoch epoch, std::size_t text_bytes);

  // The frame for this request id and client id; valid until the next call.
  ByteView frame(std::uint32_t id, const ClientId& client_id);
  [[nodiscard]] std::size_t payload_bytes() const { return payload_bytes_; }

 private:
  Bytes frame_;
  std::size_t payload_bytes_ = 0;
  std::size_t id_at_ = 0;
  std::vector<std::size_t> client_id_at_;  // in the frame itself, and in the message's authenticated_data
};

}  // namespace kith::load
