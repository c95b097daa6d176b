import type { Id } from '../../../schema/core';
import { WarnIcon } from '../icons';
import { inSentence } from '../person';
import { AcceptIdentity } from '../safety/accept_identity';
import { CompareLink } from '../safety/safety_entry';
import '../safety/safety.css';

// Nothing is sent to this person until the user has settled who it is.
export function IdentityWarning({ user, name }: { user: Id; name: string }) {
  return (
    <div className="warning" role="alert">
      <WarnIcon size={20} />
      <div>
        <p>
          {inSentence(name)}’s identity has changed. They may have registered again, or somebody else has
          their number. Ask them in another way before you write.
        </p>
        <div className="warning-ways">
          <CompareLink user={user} name={name} />
          <AcceptIdentity user={user} name={name} />
        </div>
      </div>
    </div>
  );
}
