import { useId, useRef, useState } from 'react';
import type { Group, Invite, Millis } from '../../../schema/core';
import { useStore } from '../../store/hooks';
import { Button } from '../controls';
import { Confirm } from '../dialog';
import { LinkIcon } from '../icons';
import { useNames } from '../names';
import type { Names } from '../names';
import { useClock } from '../use_clock';
import { letsIn, wordsForLimits, wordsForMaker, wordsForWay } from './invite_words';
import { LinkWays } from './link_ways';
import { NewInvite } from './new_invite';

const kRevoke = {
  title: 'Revoke this link?',
  text: 'Whoever has the link can’t join with it any more. Those who have joined stay.',
  action: 'Revoke',
};
const kRemove = {
  title: 'Remove this link?',
  text: 'It lets nobody in any more. Those who have joined stay.',
  action: 'Remove',
};

// The links that lead into a group, for those who make and revoke them.
export function Invites({ group }: { group: Group }) {
  const store = useStore();
  const now = useClock(60_000);
  const names = useNames();
  const heading = useRef<HTMLHeadingElement>(null);
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<Invite | null>(null);
  const { conversation, invites } = group;

  async function revoke({ invite }: Invite) {
    await store.run({ type: 'revoke_invite', conversation, invite });
    // Its row goes, and what it had in focus.
    heading.current?.focus();
  }

  return (
    <section className="info-part">
      <h3 ref={heading} className="list-heading" tabIndex={-1}>
        {invites.length > 1 ? 'Invite links' : 'Invite link'}
      </h3>
      <ul aria-label="Invite links">
        {invites.map((invite) => (
          <InviteRow
            key={invite.invite}
            invite={invite}
            now={now}
            names={names}
            onRevoke={() => setRevoking(invite)}
          />
        ))}
      </ul>
      <button type="button" className="member" onClick={() => setMaking(true)}>
        <span className="avatar avatar-small avatar-new">
          <LinkIcon size={20} />
        </span>
        <span className="member-name">Make an invite link</span>
      </button>
      {making && <NewInvite conversation={conversation} onClose={() => setMaking(false)} />}
      {revoking !== null && (
        <Confirm
          {...(letsIn(revoking, now) ? kRevoke : kRemove)}
          onConfirm={() => revoke(revoking)}
          onClose={() => setRevoking(null)}
        />
      )}
    </section>
  );
}

interface RowProps {
  invite: Invite;
  now: Millis;
  names: Names;
  onRevoke: () => void;
}

function InviteRow({ invite, now, names, onRevoke }: RowProps) {
  const id = useId();
  const { link } = invite;
  const usable = letsIn(invite, now);
  return (
    <li className="invite" data-usable={usable}>
      <div>
        <div id={id}>
          <p className="invite-way">{wordsForWay(invite)}</p>
          <p className="secondary">{wordsForLimits(invite, now)}</p>
          <p className="secondary">{wordsForMaker(invite, names)}</p>
        </div>
        {usable && link === undefined && (
          <p className="secondary">It can be copied only on the device that made it.</p>
        )}
      </div>
      <Button look="text" className="invite-revoke" aria-describedby={id} onClick={onRevoke}>
        {usable ? 'Revoke' : 'Remove'}
      </Button>
      {usable && link !== undefined && (
        <div className="invite-ways">
          <LinkWays link={link} describedBy={id} />
        </div>
      )}
    </li>
  );
}
