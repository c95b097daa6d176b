// What of one conversation this device has, and what of it the archive has: as ranges of the log, so that each entry
// goes into the archive once, whichever of the account's devices puts it there, and what came from it never stands in
// the place of what this device read itself.
//
// Places are of one history of the server. In what the archive tells of an older one they are not comparable with the
// present one's: it sorts before all of it.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "client/core/archive_record.h"
#include "client/core/core.h"
#include "client/core/record.h"

namespace kith::client {

class Chat;

class ChatArchive {
 public:
  // Orders below those of a new chat: for messages of older histories, which the account's other devices may have.
  static constexpr std::uint64_t kRoomForOlder = std::uint64_t{1} << 40;
  static constexpr std::uint64_t kRoomOfOne = std::uint64_t{1} << 32;
  // Ranges between which places are left out; whatever a member writes, there are no more.
  static constexpr std::size_t kMaxHeld = 64;
  // How far off its place a message is looked for where the log was told wrongly.
  static constexpr std::uint64_t kDoubtedPlaces = 1024;

  explicit ChatArchive(Chat& chat) : chat_(chat) {}

  // ---- what this device has ----

  // The entry was read; the next one of the log.
  void has_read(Seq seq);
  // Nothing in this place could be believed: it is left to the account's other devices, which may have been shown
  // something else.
  void has_passed(Seq seq);
  // People see something at this place.
  void has_shown();
  // The server has another history, which agrees with what is here up to `end`.
  void history_moved(const HistoryId& former, Seq end);
  // The order_base in a history that is met, of what it has behind `end`: where no log says where the two part, it
  // sorts behind all that is here, and behind all that the archive may tell of the history before.
  [[nodiscard]] std::uint64_t base_behind(const std::optional<Seq>& end) const;

  // ---- what the archive has ----

  // A block has these entries.
  void learn(const wire::ArchivedSpan& span);
  // Of what blocks have nothing is known any more.
  void forget_archived();
  // Of what is at this order the log says nothing any more: it was read, or is read no further.
  [[nodiscard]] bool is_past(std::uint64_t order) const;
  // An entry of the present history that this device has, from wherever.
  [[nodiscard]] bool has_place(Seq seq) const;
  // Those behind `after` and before `before`, as ranges of which each has its orders, the newest last.
  [[nodiscard]] std::vector<HeldRange> held_between(Seq after, Seq before) const;
  // The first of what this device has and the archive has not.
  [[nodiscard]] std::optional<HeldRange> next_to_archive() const { return next_to_archive({}); }
  // Likewise, where these are being written.
  [[nodiscard]] std::optional<HeldRange> next_to_archive(const std::vector<ArchivedRange>& under_way) const;

  // ---- what comes from it ----

  // Some of these messages have no place here yet: by their names they may be here all the same.
  [[nodiscard]] bool has_news(const wire::ArchivedSpan& span) const;
  // What of the store is to be looked at before this is taken: nothing, where this device can have none of it. A place
  // may lie between others that were read here, or a message stand in another history as well.
  using KeyRange = std::pair<Bytes, Bytes>;
  [[nodiscard]] std::optional<KeyRange> rows_needed(const wire::ArchivedSpan& span) const;
  // Puts the messages into their places, but for what is there already. True where something came.
  bool take(const wire::ArchivedSpan& span, const std::vector<Row>& rows);

  // ---- how the chat is shown ----

  void set_pinned(bool is_pinned);
  void set_put_away(bool is_put_away);
  // The user changed a setting just now: the account's other devices hear of it.
  void setting_changed();
  // A message came or went: a chat that was put away comes back, unless it is muted.
  void message_came();
  [[nodiscard]] bool has_settings_to_archive() const;
  [[nodiscard]] wire::ArchivedChat settings() const;
  // Those of a block. The newest hold.
  void recall(const wire::ArchivedChat& settings);

 private:
  [[nodiscard]] ChatArchiveRecord& record() const;
  void hold(HeldRange range);
  void hold_what_is_new(const ArchivedRange& range);
  [[nodiscard]] bool holds(const HistoryId& history, Seq seq) const;
  [[nodiscard]] bool lies_between(const wire::ArchivedSpan& span) const;
  [[nodiscard]] bool is_of_another_history(const HistoryId& history) const;
  // What makes an order of it; nullopt where there is no place for it.
  [[nodiscard]] std::optional<std::uint64_t> base_of(const HistoryId& history, Seq seq) const;
  // A message that is here already, at its place or where it came again.
  [[nodiscard]] bool has(const wire::ArchivedSpan& span, const wire::ArchivedMessage& message) const;
  void put(MessageRecord message);

  Chat& chat_;
};

}  // namespace kith::client
