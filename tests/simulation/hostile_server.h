// A server that lies. It stands between nodes and clients, so that the store stays the truth: what comes down is
// changed, told again, left out or made up, for one device or for all, for a while; then it is honest again, until the
// next time.
//
// A run has a few kinds of lies only, so that what comes of them can be told apart.
#pragma once

#include <compare>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "tests/simulation/world.h"
#include "wire/frame.h"

namespace kith::sim {

class HostileServer {
 public:
  explicit HostileServer(World& world);

  // Every lie that reached a device, once for each place or beginning.
  struct Lie {
    Fault kind{};
    std::string victim;  // a device's name
    ConversationId conversation;
    Seq seq;
    std::int64_t at_ms = 0;
  };
  [[nodiscard]] const std::vector<Lie>& told() const { return told_; }

 private:
  struct KeptEntry {
    wire::Entry entry;
    Bytes payload;
  };
  struct KeptMail {
    wire::Mail mail;
    Bytes payload;
  };
  struct KeptGroup {
    Epoch epoch;
    Bytes info;
    Bytes nodes;
  };
  // What is going on: of which kind, to whom (empty: to all), in which conversation, at which place.
  struct Subject {
    Fault kind{};
    std::string who;
    ConversationId conversation;
    Seq seq;
    friend auto operator<=>(const Subject&, const Subject&) = default;
  };
  struct Course {
    std::int64_t until_ms = 0;
    std::uint64_t how = 0;  // a number of its own: the same lie each time
    Seq from;
  };

  // Whether this lie is told now: it is going on, or begins.
  const Course* lies(Fault kind, const std::string& who, const ConversationId& conversation = {}, Seq seq = {});
  const Course* going_on(const Subject& subject) const;
  void note(Fault kind, const std::string& who, const ConversationId& conversation, Seq seq);
  [[nodiscard]] Device* victim_named(const std::string& who) const;

  void asked(const std::string& who, const Bytes& bytes);
  bool answer(const std::string& who, Bytes& bytes);
  void remember(const ConversationId& conversation, const wire::Entry& entry);
  // What this device is told of a place; nothing: it is not told of it.
  std::optional<wire::Entry> told_entry(const std::string& who, ConversationId& conversation, const wire::Entry& entry);
  std::optional<wire::Entry> shifted(const std::string& who, const ConversationId& conversation,
                                     const wire::Entry& entry);
  wire::Entry relabelled(wire::Entry entry, ConversationId& conversation, const std::string& who, std::uint64_t how);
  const KeptEntry* another_entry(const ConversationId& conversation, Seq seq, std::uint64_t how) const;
  std::optional<wire::Mail> told_mail(const std::string& who, const wire::Mail& mail);
  ByteView keep(Bytes bytes) { return made_.emplace_back(std::move(bytes)); }
  Bytes damaged(ByteView bytes);

  // Each changes what it is given, and says whether it is to be delivered at all.
  bool change(const std::string& who, wire::EntryHint& hint);
  bool change(const std::string& who, wire::MailHint& hint);
  bool change(const std::string& who, wire::ArchiveHint& hint);
  void change(const std::string& who, std::uint32_t id, wire::Entries& entries);
  void change(const std::string& who, wire::Mails& mails);
  void change(const std::string& who, wire::SyncOk& sync);
  void change(const std::string& who, wire::HelloOk& hello);
  void change(const std::string& who, std::uint32_t id, wire::Group& group);
  void change(const std::string& who, std::uint32_t id, wire::Changes& changes);
  void change(const std::string& who, wire::ArchiveBlocks& answer);
  wire::Error invented_error(std::uint64_t how) const;

  // HTTP.
  void answer(const std::string& who, const client::HttpRequest& request, HttpAnswer& answer);
  void invent_device(const std::string& user, std::string_view what, Json& body);
  [[nodiscard]] bool knows(const Device& device, const std::string& user) const;

  World& world_;
  Chance chance_;
  std::set<Fault> chosen_;
  std::map<Subject, Course> courses_;
  std::vector<Lie> told_;
  std::set<Subject> noted_;
  std::map<std::pair<std::string, std::uint32_t>, ConversationId> conversation_of_;  // by who asked under which number
  std::map<ConversationId, std::map<Seq, KeptEntry>> logs_;
  std::vector<KeptMail> mails_;
  std::map<ConversationId, std::vector<KeptGroup>> groups_;
  std::map<ConversationId, std::vector<Bytes>> grounds_;
  std::map<std::string, std::vector<Bytes>> tokens_;
  std::map<std::string, std::vector<std::string>> directory_;  // by path
  std::vector<std::string> packages_;                          // key packages that were claimed, as JSON has them
  std::deque<Bytes> made_;                                     // what the frame that is being changed points to
};

}  // namespace kith::sim
