#include "tests/simulation/trace.h"

#include <cstdio>
#include <cstring>

#include "tests/simulation/virtual_time.h"
#include "wire/frame.h"

namespace kith::sim {

namespace {

constexpr std::size_t kMostText = 2000;

std::string short_id(const auto& id) { return id.text().substr(0, 6); }
std::string number(auto n) { return std::to_string(n.value); }

std::string text_of(const wire::Entry& e) {
  const char* kinds[] = {"?", "message", "commit", "silent"};
  return number(e.seq) + " " + kinds[static_cast<int>(e.kind)] + " " + short_id(e.client_id) + " epoch " +
         number(e.epoch) + " by " + short_id(e.sender_user) + "/" + short_id(e.sender_device);
}

std::string text_of(const wire::Mail& m) {
  const char* kinds[] = {"?", "welcome", "removed", "declined", "generation"};
  return number(m.seq) + " " + kinds[static_cast<int>(m.kind)] + " " + short_id(m.conversation) + " at " +
         number(m.conversation_seq);
}

struct Describe {
  std::string operator()(const wire::Hello&) const { return "Hello"; }
  std::string operator()(const wire::HelloOk& b) const { return "HelloOk history " + short_id(b.history_id); }
  std::string operator()(const wire::Sync&) const { return "Sync"; }
  std::string operator()(const wire::SyncOk& b) const {
    std::string text = "SyncOk mailbox " + number(b.mailbox_head) + " archive " + number(b.archive_head);
    for (const auto& head : b.heads) {
      text += " " + short_id(head.conversation) + "@" + number(head.head_seq) + "/" + number(head.epoch);
    }
    return text;
  }
  std::string operator()(const wire::Append& b) const {
    return std::string("Append ") + short_id(b.conversation) + " " + short_id(b.client_id) + " epoch " +
           number(b.epoch) + (b.silent ? " silent" : "");
  }
  std::string operator()(const wire::Appended& b) const {
    return "Appended " + number(b.seq) + (b.duplicate ? " duplicate" : "");
  }
  std::string operator()(const wire::Commit& b) const {
    return "Commit " + short_id(b.conversation) + " " + short_id(b.client_id) + " epoch " + number(b.epoch);
  }
  std::string operator()(const wire::CreateDirect& b) const { return "CreateDirect with " + short_id(b.peer); }
  std::string operator()(const wire::Read& b) const {
    return "Read " + short_id(b.conversation) + " after " + number(b.after_seq);
  }
  std::string operator()(const wire::Entries& b) const {
    std::string text = "Entries up to " + number(b.head_seq);
    for (const auto& entry : b.entries) text += "\n        " + text_of(entry);
    return text;
  }
  std::string operator()(const wire::EntryHint& b) const {
    return "EntryHint " + short_id(b.conversation) + " " + text_of(b.entry);
  }
  std::string operator()(const wire::MailHint& b) const { return "MailHint " + text_of(b.mail); }
  std::string operator()(const wire::ReadMailbox& b) const { return "ReadMailbox after " + number(b.after_seq); }
  std::string operator()(const wire::Mails& b) const {
    std::string text = "Mails up to " + number(b.head_seq);
    for (const auto& mail : b.mails) text += "\n        " + text_of(mail);
    return text;
  }
  std::string operator()(const wire::Error& b) const {
    return "Error " + std::to_string(static_cast<int>(b.code)) + " " + b.detail;
  }
  template <class Body>
  std::string operator()(const Body&) const {
    // The type's own name, from the function's: enough to know what it is.
    const std::string_view function = __PRETTY_FUNCTION__;
    const auto at = function.find("Body = kith::wire::");
    const auto name = at == std::string_view::npos ? function : function.substr(at + 19);
    return std::string(name.substr(0, name.find_first_of(";]")));
  }
};

}  // namespace

std::string text_of_frame(ByteView frame) {
  const auto decoded = wire::decode(frame);
  if (!decoded) return "no frame";
  return "#" + std::to_string(decoded->id) + " " + std::visit(Describe{}, decoded->body);
}

void Trace::listen(const void* who, Listener listener) {
  std::erase_if(listeners_, [&](const auto& known) { return known.first == who; });
  if (listener) listeners_.emplace_back(who, std::move(listener));
}

void Trace::mix(std::uint64_t word) {
  hash_ = (hash_ ^ word) * 0x9FB21C651E98DF25;
  hash_ ^= hash_ >> 29U;
}

void Trace::add(std::int64_t now_ms, What what, std::string_view who, ByteView bytes) {
  mix(static_cast<std::uint64_t>(now_ms));
  mix(static_cast<std::uint64_t>(what) << 56U ^ bytes.size() << 24U ^ who.size());
  for (const ByteView part : {as_view(who), bytes}) {
    std::size_t i = 0;
    for (; i + 8 <= part.size(); i += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, part.data() + i, 8);
      mix(word);
    }
    for (; i < part.size(); ++i) mix(part[i]);
  }
  for (const auto& [somebody, listener] : listeners_) listener(now_ms, what, who, bytes);
  last_.push_back({now_ms, what, std::string(who), to_bytes(bytes)});
  if (prints_) std::puts(text_of(last_.back()).c_str());
  if (last_.size() > kKept) last_.pop_front();
}

std::string Trace::text_of(const Line& line) {
  static constexpr const char* kWhat[] = {" ", ">", "<", ">>", "<<", "!", "?", "x"};
  const std::int64_t ms = line.now_ms - VirtualTime::kStartMs;
  char when[40];
  std::snprintf(when, sizeof when, "%8lld.%03lld ", static_cast<long long>(ms / 1000),
                static_cast<long long>(ms % 1000));
  const bool is_frame = line.what == What::to_server || line.what == What::to_client;
  std::string text = is_frame ? text_of_frame(line.bytes) : std::string(as_text(line.bytes));
  if (!is_frame && text.size() > kMostText) text = text.substr(0, kMostText) + "...";
  return when + line.who + " " + kWhat[static_cast<int>(line.what)] + " " + text;
}

std::string Trace::text(std::size_t count) const {
  std::string all;
  for (std::size_t i = last_.size() - std::min(count, last_.size()); i < last_.size(); ++i) {
    all += text_of(last_[i]) + "\n";
  }
  return all;
}

}  // namespace kith::sim
