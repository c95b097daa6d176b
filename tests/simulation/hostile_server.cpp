#include "tests/simulation/hostile_server.h"

#include <algorithm>

#include "keys/grounds.h"

namespace kith::sim {

namespace {

constexpr std::int64_t kShortestMs = 400;
constexpr unsigned kPowers = 6;
constexpr std::uint64_t kChosen = 4;  // one kind of so many in a run
constexpr std::size_t kMostKept = 64;
constexpr Fault kFirst = Fault::entry_relabelled;
constexpr Fault kLast = Fault::frame_garbled;

template <class T>
void keep_some(std::vector<T>& all, T one) {
  all.push_back(std::move(one));
  if (all.size() > kMostKept) all.erase(all.begin());
}

// A few more or less, and never below nothing.
Seq moved(Seq seq, std::uint64_t how) {
  const std::uint64_t by = how / 2 % 5 + 1;
  return how % 2 == 0 ? Seq{seq.value + by} : Seq{seq.value - std::min(seq.value, by)};
}

}  // namespace

HostileServer::HostileServer(World& world) : world_(world), chance_(world.chance.branch()) {
  for (auto kind = static_cast<int>(kFirst); kind <= static_cast<int>(kLast); ++kind) {
    if (chance_.below(kChosen) == 0) chosen_.insert(static_cast<Fault>(kind));
  }
  if (chosen_.empty()) chosen_.insert(kFirst);
  world_.network.to_client = [this](const std::string& who, Bytes& frame) { return answer(who, frame); };
  world_.network.from_client = [this](const std::string& who, Bytes frame) {
    asked(who, frame);
    return std::vector<Bytes>{std::move(frame)};
  };
  world_.network.answer_to_client = [this](const std::string& who, const client::HttpRequest& request,
                                           HttpAnswer& given) { answer(who, request, given); };
}

// ---- what is going on ----

Device* HostileServer::victim_named(const std::string& who) const {
  for (Device* device : world_.people.devices()) {
    if (device->client.name == who) return device;
  }
  return nullptr;
}

const HostileServer::Course* HostileServer::going_on(const Subject& subject) const {
  for (const std::string& who : {subject.who, std::string()}) {
    const auto at = courses_.find({subject.kind, who, subject.conversation, subject.seq});
    if (at != courses_.end() && at->second.until_ms > world_.time.now_ms()) return &at->second;
  }
  return nullptr;
}

const HostileServer::Course* HostileServer::lies(Fault kind, const std::string& who, const ConversationId& conversation,
                                                 Seq seq) {
  if (!chosen_.contains(kind) || world_.faults.is_over()) return nullptr;
  const Course* course = going_on({kind, who, conversation, seq});
  if (course == nullptr && world_.faults.happens(kind)) {
    const bool is_for_all = chance_.below(4) == 0;
    Course& begun = courses_[{kind, is_for_all ? "" : who, conversation, seq}];
    begun = {.until_ms = world_.time.now_ms() + kShortestMs + chance_.skewed(kShortestMs, kPowers),
             .how = chance_.next() >> 8U,
             .from = {}};
    course = &begun;
  }
  if (course != nullptr) note(kind, who, conversation, seq);
  return course;
}

void HostileServer::note(Fault kind, const std::string& who, const ConversationId& conversation, Seq seq) {
  if (!noted_.insert({kind, who, conversation, seq}).second) return;
  told_.push_back({kind, who, conversation, seq, world_.time.now_ms()});
  world_.trace.note(world_.time.now_ms(), who,
                    "is lied to: " + std::string(name_of(kind)) + " " + conversation.text().substr(0, 6) + " " +
                        std::to_string(seq.value));
}

Bytes HostileServer::damaged(ByteView bytes) {
  Bytes other = to_bytes(bytes);
  if (other.empty()) return other;
  if (chance_.below(4) == 0) other.resize(chance_.below(other.size()));
  if (!other.empty()) other[chance_.below(other.size())] ^= static_cast<std::uint8_t>(1 + chance_.below(255));
  return other;
}

// ---- frames ----

void HostileServer::asked(const std::string& who, const Bytes& bytes) {
  const auto frame = wire::decode(bytes);
  if (!frame) return;
  ConversationId conversation;
  if (const auto* read = std::get_if<wire::Read>(&frame->body)) conversation = read->conversation;
  if (const auto* group = std::get_if<wire::GetGroup>(&frame->body)) conversation = group->conversation;
  if (const auto* changes = std::get_if<wire::GetChanges>(&frame->body)) conversation = changes->conversation;
  if (const auto* append = std::get_if<wire::Append>(&frame->body)) conversation = append->conversation;
  if (const auto* commit = std::get_if<wire::Commit>(&frame->body)) conversation = commit->conversation;
  conversation_of_[{who, frame->id}] = conversation;
}

bool HostileServer::answer(const std::string& who, Bytes& bytes) {
  auto frame = wire::decode(bytes);
  const Device* victim = victim_named(who);
  if (!frame || world_.faults.is_over() || victim == nullptr || !victim->was_ready) return true;
  made_.clear();
  const std::uint32_t id = frame->id;
  wire::Body& body = frame->body;
  const ConversationId conversation = id == 0 ? ConversationId{} : conversation_of_[{who, id}];
  bool is_delivered = true;
  const std::size_t before = noted_.size();
  const bool is_greeting = std::holds_alternative<wire::HelloOk>(body);
  if (const Course* course = id != 0 && !is_greeting ? lies(Fault::answer_invented, who, conversation) : nullptr) {
    // Of several answers one.
    if (chance_.below(3) == 0) body = invented_error(course->how);
  }
  if (auto* hint = std::get_if<wire::EntryHint>(&body)) is_delivered = change(who, *hint);
  if (auto* hint = std::get_if<wire::MailHint>(&body)) is_delivered = change(who, *hint);
  if (auto* hint = std::get_if<wire::ArchiveHint>(&body)) is_delivered = change(who, *hint);
  if (auto* entries = std::get_if<wire::Entries>(&body)) change(who, id, *entries);
  if (auto* mails = std::get_if<wire::Mails>(&body)) change(who, *mails);
  if (auto* sync = std::get_if<wire::SyncOk>(&body)) change(who, *sync);
  if (auto* hello = std::get_if<wire::HelloOk>(&body)) change(who, *hello);
  if (auto* group = std::get_if<wire::Group>(&body)) change(who, id, *group);
  if (auto* changes = std::get_if<wire::Changes>(&body)) change(who, id, *changes);
  if (auto* blocks = std::get_if<wire::ArchiveBlocks>(&body)) change(who, *blocks);
  if (auto* appended = std::get_if<wire::Appended>(&body)) {
    if (const Course* course = lies(Fault::ack_invented, who, conversation, appended->seq)) {
      appended->seq = moved(appended->seq, course->how);
    }
  }
  (void)before;
  bytes = wire::encode(*frame);
  if (lies(Fault::frame_garbled, who, {}, Seq{chance_.next()}) != nullptr) bytes = damaged(bytes);
  return is_delivered;
}

wire::Error HostileServer::invented_error(std::uint64_t how) const {
  using wire::ErrorCode;
  static constexpr ErrorCode kCodes[] = {
      ErrorCode::internal,       ErrorCode::not_member,       ErrorCode::not_found,       ErrorCode::stale_epoch,
      ErrorCode::invalid_commit, ErrorCode::invalid_argument, ErrorCode::overloaded,      ErrorCode::trimmed,
      ErrorCode::commit_first,   ErrorCode::client_id_reused, ErrorCode::not_allowed,     ErrorCode::rate_limited,
      ErrorCode::archive_moved,  ErrorCode::archive_full,     ErrorCode::stale_generation};
  wire::Error error;
  error.code = kCodes[how % std::size(kCodes)];
  error.detail = "because";
  error.retry_after_ms = how / 16 % 2 == 0 ? 0 : 1000;
  error.epoch = {how / 32 % 20};
  error.head_seq = {how / 640 % 100};
  error.first_seq = {how / 64000 % 100};
  return error;
}

// ---- entries ----

void HostileServer::remember(const ConversationId& conversation, const wire::Entry& entry) {
  auto& log = logs_[conversation];
  if (log.contains(entry.seq)) return;
  KeptEntry& kept = log[entry.seq];
  kept.payload = to_bytes(entry.payload);
  kept.entry = entry;
  kept.entry.payload = kept.payload;
}

const HostileServer::KeptEntry* HostileServer::another_entry(const ConversationId& conversation, Seq seq,
                                                             std::uint64_t how) const {
  // Of this conversation or of another one.
  auto log = logs_.find(conversation);
  if (how % 2 == 0) {
    log = logs_.begin();
    std::advance(log, static_cast<std::ptrdiff_t>(how / 2 % logs_.size()));
  }
  if (log == logs_.end() || log->second.empty()) return nullptr;
  auto at = log->second.begin();
  std::advance(at, static_cast<std::ptrdiff_t>(how / 64 % log->second.size()));
  return log->first == conversation && at->first == seq ? nullptr : &at->second;
}

wire::Entry HostileServer::relabelled(wire::Entry entry, ConversationId& conversation, const std::string& who,
                                      std::uint64_t how) {
  const Device* victim = victim_named(who);
  const auto& people = world_.people.all();
  const auto other = UserId::from_text(people[how / 16 % people.size()]->user());
  switch (how % 10) {
    case 0:
      if (other) entry.sender_user = *other;
      break;
    case 1:
      entry.sender_device.value[how / 16 % 16] ^= 1;
      break;
    case 2:
      entry.sender_user = *UserId::from_text(victim->person.user());
      entry.sender_device = DeviceId::from_text(victim->id()).value_or(DeviceId{});
      break;
    case 3:
      entry.seq = moved(entry.seq, how / 16);
      break;
    case 4:
      entry.time_ms += how / 16 % 2 == 0 ? 60'000 : -60'000;
      break;
    case 5:
      entry.kind = entry.kind == wire::EntryKind::commit ? wire::EntryKind::application : wire::EntryKind::commit;
      break;
    case 6:
      entry.kind = entry.kind == wire::EntryKind::application ? wire::EntryKind::silent : wire::EntryKind::application;
      break;
    case 7:
      entry.epoch = how / 16 % 2 == 0 ? entry.epoch.next() : Epoch{entry.epoch.value - 1};
      break;
    case 8:
      entry.client_id.value[how / 16 % 16] ^= 1;
      break;
    default: {
      auto log = logs_.begin();
      std::advance(log, static_cast<std::ptrdiff_t>(how / 16 % logs_.size()));
      conversation = log->first;
      break;
    }
  }
  return entry;
}

// One that is left out, or an old one in between: what is behind it counts on.
std::optional<wire::Entry> HostileServer::shifted(const std::string& who, const ConversationId& conversation,
                                                  const wire::Entry& entry) {
  const auto& log = logs_[conversation];
  const auto at_place = [&](std::uint64_t seq) -> std::optional<wire::Entry> {
    const auto at = log.find(Seq{seq});
    if (at == log.end()) return std::nullopt;
    wire::Entry other = at->second.entry;
    other.seq = entry.seq;
    return other;
  };
  for (const Fault kind : {Fault::entry_left_out, Fault::entry_repeated}) {
    const Course* course = lies(kind, who, conversation);
    if (course == nullptr) continue;
    const std::string whose = courses_.contains({kind, who, conversation, {}}) ? who : "";
    Course& moving = courses_[{kind, whose, conversation, {}}];
    if (moving.from == Seq{}) moving.from = entry.seq;
    if (entry.seq < moving.from) continue;
    if (kind == Fault::entry_left_out) return at_place(entry.seq.value + 1);
    const bool is_first = entry.seq == moving.from;
    return at_place(is_first ? course->how % entry.seq.value + 1 : entry.seq.value - 1);
  }
  return entry;
}

std::optional<wire::Entry> HostileServer::told_entry(const std::string& who, ConversationId& conversation,
                                                     const wire::Entry& entry) {
  const ConversationId truly = conversation;
  const Seq seq = entry.seq;
  auto told = shifted(who, truly, entry);
  if (!told) return std::nullopt;
  if (lies(Fault::entry_withheld, who, truly, seq) != nullptr) return std::nullopt;
  if (const Course* course = lies(Fault::log_forked, who, truly, seq)) {
    if (const KeptEntry* other = another_entry(truly, seq, course->how)) {
      told = other->entry;
      told->seq = seq;
      told->epoch = entry.epoch;
    }
  }
  for (const Seq first : {seq, Seq{seq.value - 1}}) {
    const auto& log = logs_[truly];
    const Subject swap{Fault::entries_swapped, who, truly, first};
    const Seq there = first == seq ? seq.next() : first;
    if (!log.contains(there) || (first != seq && going_on(swap) == nullptr)) continue;
    if (lies(Fault::entries_swapped, who, truly, first) == nullptr) continue;
    told = log.at(there).entry;
    told->seq = seq;
    break;
  }
  if (const Course* course = lies(Fault::entry_relabelled, who, truly, seq)) {
    told = relabelled(*told, conversation, who, course->how);
  }
  if (const Course* course = lies(Fault::entry_altered, who, truly, seq); course && !told->payload.empty()) {
    Bytes other = to_bytes(told->payload);
    other[course->how % other.size()] ^= static_cast<std::uint8_t>(1 + course->how / 4096 % 255);
    told->payload = keep(std::move(other));
  }
  return told;
}

bool HostileServer::change(const std::string& who, wire::EntryHint& hint) {
  remember(hint.conversation, hint.entry);
  const auto told = told_entry(who, hint.conversation, hint.entry);
  if (told) hint.entry = *told;
  return told.has_value();
}

void HostileServer::change(const std::string& who, std::uint32_t id, wire::Entries& answer) {
  ConversationId conversation = conversation_of_[{who, id}];
  for (const wire::Entry& entry : answer.entries) remember(conversation, entry);
  std::vector<wire::Entry> shown;
  for (const wire::Entry& entry : answer.entries) {
    const auto told = told_entry(who, conversation, entry);
    if (told) {
      shown.push_back(*told);
      continue;
    }
    // A hole; or the log ends there, and perhaps does not even say so.
    const auto how = chance_.below(4);
    if (how == 0) continue;
    if (how > 1) answer.head_seq = {entry.seq.value - 1};
    break;
  }
  answer.entries = std::move(shown);
}

// ---- mail ----

std::optional<wire::Mail> HostileServer::told_mail(const std::string& who, const wire::Mail& mail) {
  const bool is_new = std::ranges::none_of(mails_, [&](const KeptMail& kept) {
    return kept.mail.conversation == mail.conversation && same_bytes(kept.payload, mail.payload);
  });
  if (is_new) {
    mails_.push_back({mail, to_bytes(mail.payload)});
    mails_.back().mail.payload = mails_.back().payload;
    for (KeptMail& kept : mails_) kept.mail.payload = kept.payload;
  }
  if (lies(Fault::mail_withheld, who, mail.conversation, mail.seq) != nullptr) return std::nullopt;
  wire::Mail told = mail;
  if (const Course* course = lies(Fault::mail_swapped, who, mail.conversation, mail.seq)) {
    const KeptMail& other = mails_[course->how / 8 % mails_.size()];
    switch (course->how % 5) {
      case 0:
        told.payload = other.payload;
        break;
      case 1:
        told.conversation = other.mail.conversation;
        break;
      case 2:
        told.conversation_seq = moved(told.conversation_seq, course->how / 8);
        break;
      case 3:
        told.kind = told.kind == wire::MailKind::welcome ? wire::MailKind::removed : wire::MailKind::welcome;
        break;
      default:
        told.payload = keep(damaged(told.payload));
    }
  }
  return told;
}

bool HostileServer::change(const std::string& who, wire::MailHint& hint) {
  const auto told = told_mail(who, hint.mail);
  if (told) hint.mail = *told;
  return told.has_value();
}

void HostileServer::change(const std::string& who, wire::Mails& answer) {
  std::vector<wire::Mail> shown;
  for (const wire::Mail& mail : answer.mails) {
    const auto told = told_mail(who, mail);
    if (told) {
      shown.push_back(*told);
    } else if (chance_.below(2) == 0) {
      answer.head_seq = {mail.seq.value - 1};
      break;
    }
  }
  answer.mails = std::move(shown);
}

// ---- heads, histories, groups ----

void HostileServer::change(const std::string& who, wire::SyncOk& sync) {
  keep_some(tokens_[who], to_bytes(sync.token));
  if (const Course* course = lies(Fault::history_invented, who)) sync.history_id.value[0] ^= course->how % 255 + 1;
  const Course* course = lies(Fault::head_invented, who);
  if (course == nullptr) return;
  for (wire::Head& head : sync.heads) {
    const auto how = chance_.below(6);
    if (how < 3) head.head_seq = moved(head.head_seq, course->how + how);
    if (how == 4) head.epoch = Epoch{course->how % 9};
  }
  if (chance_.below(3) == 0) sync.mailbox_head = moved(sync.mailbox_head, course->how / 16);
  if (chance_.below(3) == 0) sync.archive_head = moved(sync.archive_head, course->how / 256);
  if (chance_.below(2) == 0) sync.token = keep(chance_.of(tokens_[who]));
}

void HostileServer::change(const std::string& who, wire::HelloOk& hello) {
  if (const Course* course = lies(Fault::history_invented, who)) hello.history_id.value[0] ^= course->how % 255 + 1;
}

void HostileServer::change(const std::string& who, std::uint32_t id, wire::Group& group) {
  const ConversationId conversation = conversation_of_[{who, id}];
  auto& known = groups_[conversation];
  const bool is_whole = group.next_node == 0 && !group.nodes.empty();
  if (is_whole && (known.empty() || known.back().epoch != group.epoch)) {
    keep_some(known, {group.epoch, to_bytes(group.group_info), to_bytes(group.nodes)});
  }
  const Course* course = lies(Fault::group_aged, who, conversation);
  if (course == nullptr || known.empty() || !is_whole) return;
  const KeptGroup& old = known[course->how / 8 % known.size()];
  switch (course->how % 4) {
    case 0:
      group.epoch = old.epoch;
      [[fallthrough]];
    case 1:
      group.group_info = old.info;
      group.nodes = old.nodes;
      break;
    case 2:
      group.nodes = keep(damaged(group.nodes));
      break;
    default:
      group.group_info = keep(damaged(group.group_info));
  }
}

void HostileServer::change(const std::string& who, std::uint32_t id, wire::Changes& changes) {
  const ConversationId conversation = conversation_of_[{who, id}];
  auto& known = grounds_[conversation];
  keep_some(known, to_bytes(changes.grounds));
  const Course* course = lies(Fault::changes_aged, who, conversation);
  if (course == nullptr) return;
  if (course->how % 3 == 0) {
    changes.grounds = keep(keys::Grounds{}.encode());
    changes.packages.clear();
  } else {
    changes.grounds = known[course->how / 4 % known.size()];
  }
}

// ---- the archive ----

bool HostileServer::change(const std::string& who, wire::ArchiveHint& hint) {
  if (lies(Fault::block_withheld, who) != nullptr) return false;
  if (lies(Fault::block_swapped, who) != nullptr) hint.block.payload = keep(damaged(hint.block.payload));
  return true;
}

void HostileServer::change(const std::string& who, wire::ArchiveBlocks& answer) {
  if (answer.blocks.empty()) return;
  auto& blocks = answer.blocks;
  if (const Course* course = lies(Fault::block_withheld, who)) {
    const auto last = std::ranges::max_element(blocks, {}, &wire::ArchiveBlock::seq);
    answer.head_seq = {last->seq.value - 1};
    if (course->how % 2 == 0) blocks.erase(last);
    if (blocks.empty()) return;
  }
  const Course* course = lies(Fault::block_swapped, who);
  if (course == nullptr) return;
  wire::ArchiveBlock& block = blocks[course->how / 8 % blocks.size()];
  wire::ArchiveBlock& other = blocks[course->how / 1024 % blocks.size()];
  switch (course->how % 4) {
    case 0:
      std::swap(block.payload, other.payload);
      break;
    case 1:
      block.payload = other.payload;
      break;
    case 2:
      block.payload = keep(damaged(block.payload));
      break;
    default:
      block.payload = {};
      block.erased = wire::Hash{{9}};
  }
}

}  // namespace kith::sim
