import { useRef, useState } from 'react';
import type { Group, Member } from '../../../schema/core';
import { useStore } from '../../store/hooks';
import { Confirm } from '../dialog';
import { useNames } from '../names';
import { inSentence, toldApart } from '../person';
import { useClock } from '../use_clock';
import { letsIn } from './invite_words';

interface Props {
  group: Group;
  member: Member;
  onRemoved: () => void;
  onClose: () => void;
}

// Asks before somebody is removed. While there are invite links that let people in they go too, unless the user keeps them: who
// is removed may have one.
export function RemoveMember({ group, member, onRemoved, onClose }: Props) {
  const store = useStore();
  const names = useNames();
  const now = useClock(60_000);
  const [alsoLinks, setAlsoLinks] = useState(true);
  // Where a link could not be revoked, trying again is about that alone.
  const isRemoved = useRef(false);
  const { conversation } = group;
  const links = group.invites.filter((invite) => letsIn(invite, now));

  async function remove() {
    if (!isRemoved.current) await store.run({ type: 'remove_member', conversation, user: member.user });
    isRemoved.current = true;
    if (alsoLinks) {
      for (const { invite } of links) await store.run({ type: 'revoke_invite', conversation, invite });
    }
    onRemoved();
  }

  return (
    <Confirm
      title={`Remove ${toldApart(inSentence(member.name), names.detail(member.user))}?`}
      text="They get no more messages of this group. What they already have stays with them."
      action="Remove"
      onConfirm={remove}
      onClose={onClose}
    >
      {links.length > 0 && (
        <>
          <p className="dialog-text remove-links">
            With an invite link of this group they could{' '}
            {links.every((each) => each.needs_approval) && 'ask to '}
            come back.
          </p>
          <label className="rule remove-choice">
            {links.length === 1
              ? 'Also revoke the invite link'
              : `Also revoke the ${links.length} invite links`}
            <input
              type="checkbox"
              className="pick"
              checked={alsoLinks}
              onChange={(event) => setAlsoLinks(event.target.checked)}
            />
          </label>
        </>
      )}
    </Confirm>
  );
}
