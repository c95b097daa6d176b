// Every field of every structure that travels, made wrong in each way that matters: what it is called, how it is made,
// and who can tell.
//
// The lists are by what is wrong with the message that a Scene sends: the commit of a member, the commit of somebody
// who comes back from outside, the beginning of a conversation. Where a field is wrong, all that signs or seals it is
// right, unless it is the signature or the tag that is forged.
#pragma once

#include <span>
#include <string>

#include "tests/support/forger/scene.h"

namespace kith::test {

struct Forgery {
  std::string name;
  Hands hands;
  // What the server answers: the detail of invalid_commit, or another error's name. Empty: it cannot tell.
  std::string server;
  // What somebody answers who gets it all the same: the name of an mls::Errc, or a sentence of keys/group_rules.h.
  // Empty: cannot tell either.
  std::string reader;
  // Where not every member can tell: those who can.
  std::vector<mls::LeafIndex> told_by = {};
};
using Forgeries = std::vector<Forgery>;

struct Structure {
  const char* name;
  Forgeries (*forgeries)(Scene&);
};
inline std::ostream& operator<<(std::ostream& out, const Structure& s) { return out << s.name; }

// Of Scene::commit: the message, which members read; the GroupInfo, by which devices come back; the Welcome, for the
// one who is added.
std::span<const Structure> structures_of_commit();
Structure group_infos();
Structure welcomes();
// Of Scene::come_back, and of Scene::come_in, which removes nobody.
std::span<const Structure> structures_of_return();
Structure intrusions();
// Of Scene::begin; only the server sees how a group was founded.
std::span<const Structure> structures_of_beginning();

// What somebody cannot tell, and why: all whose "structure: name" begins like that.
struct Untold {
  std::string what;
  const char* why;
  [[nodiscard]] bool is(const Structure& structure, const Forgery& forgery) const {
    return (structure.name + (": " + forgery.name)).starts_with(what);
  }
};

// Every byte with one bit flipped, every shorter length, one byte more.
void for_each_damage(const Bytes& honest, const std::function<void(const Bytes& damaged, const std::string& how)>& use);

}  // namespace kith::test
