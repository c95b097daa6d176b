// Linking: how a new device comes into an account that another device is in already.
//
// The attacker asks for links by the thousand, guesses names, claims what others offered, finishes what it did not
// claim, and would like to learn who has an account. Nothing here looks at who an address belongs to; names and tokens
// are too large to guess; who asks with a wrong token is answered as if there were no link; a claim binds once. Old
// links go when others are offered.
#pragma once

#include "server/domain/device_change.h"
#include "server/domain/link.h"
#include "server/domain/token_bucket.h"
#include "server/service/ports.h"
#include "server/service/registration.h"

namespace kith::server::service {

class AccountService;
struct Grant;

class LinkService {
 public:
  LinkService(Ports ports, const Limits& limits, AccountService& accounts);

  struct Begun {
    std::string address;  // as it was understood
    UnixMillis expires;
  };
  // By somebody who says for which account.
  struct Offered {
    SecretBytes token;
    AddressInput address;
    Bytes offer;
    UnixMillis expires;
  };
  struct Claimed {
    Bytes offer;
    UnixMillis expires;
  };
  enum class State : std::uint8_t { waiting, claimed, finished };
  struct Progress {
    State state = State::waiting;
    // Once it is finished:
    UserId user;
    Bytes sealed;
    Bytes device_list;  // the account's present one
  };

  // Looks nothing up and stores nothing. `source`: the client's network address, for its limits. Errors:
  // invalid_argument, rate_limited.
  Result<Begun> begin(const AddressInput& input, const std::string& source);
  // Offering the same again is answered as the first time. Errors: invalid_argument, link_known, rate_limited,
  // overloaded.
  Task<Result<void>> offer(domain::LinkName name, Offered offered, std::string source);

  // By a device of an account; again by the same one as the first time. not_found is also a link that has expired, or
  // whose claimer has been revoked. Errors: not_found, link_foreign, link_used, rate_limited, overloaded.
  Task<Result<Claimed>> claim(domain::Caller caller, domain::LinkName name);
  // Errors: invalid_argument, not_found (also where nobody has claimed it), link_used, overloaded.
  Task<Result<void>> finish(domain::Caller caller, domain::LinkName name, Bytes sealed);

  // By the new device. Errors: not_found (also where the token is wrong).
  Task<Result<Progress>> poll(domain::LinkName name, SecretBytes token);
  // Lets the new device into the account. The same device again (the answer was lost, or another list came first) goes
  // on where it was. Errors: not_found (also where the link is not finished), link_used, and those of
  // AccountService::stage_device and let_in.
  Task<Result<Grant>> add_device(domain::LinkName name, SecretBytes token, domain::AddedDevice device,
                                 Bytes device_list);

 private:
  struct Link {
    domain::LinkRecord record;
    domain::Version version = 0;
  };
  // A link that is not over and whose claimer is still good. Errors: not_found.
  Task<Result<Link>> live_link(domain::LinkName name);
  // The same for whoever has its token.
  Task<Result<Link>> own_link(domain::LinkName name, ByteView token);
  // False where somebody was faster.
  Task<Result<bool>> save(domain::LinkName name, Link link);
  Task<Result<void>> sweep(domain::Transaction& t, domain::LinkName name);

  Ports ports_;
  AccountService& accounts_;
  domain::TokenBuckets begins_;
  domain::TokenBuckets offers_;
  domain::TokenBuckets claims_;
};

}  // namespace kith::server::service
