import { useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import type { Group, Member } from '../../../schema/core';
import { useStore } from '../../store/hooks';
import { Field } from '../controls';
import { Confirm } from '../dialog';
import { matchPeople } from '../chats/find';
import { AddPersonIcon } from '../icons';
import { useNames } from '../names';
import { inSentence, toldApart } from '../person';
import { RouteLink } from '../route_link';
import { useCommand } from '../use_command';
import { mayAdd } from './may';
import { MemberRow, WaitingRow } from './member_row';
import type { Deed } from './member_row';
import { RemoveMember } from './remove_member';

// More than this are not found by looking.
const kFewMembers = 10;

// Who is in a group, and what the user may do about it.
export function Members({ group }: { group: Group }) {
  const store = useStore();
  const names = useNames();
  const { error, attempt } = useCommand();
  const heading = useRef<HTMLHeadingElement>(null);
  const [query, setQuery] = useState('');
  const [asked, setAsked] = useState<{ deed: 'remove' | 'hand_over'; member: Member } | null>(null);
  const { conversation, members } = group;
  const many = members.length > kFewMembers;
  const shown = many ? matchPeople(members, query) : members;

  function onDeed(deed: Deed, member: Member) {
    if (deed === 'remove' || deed === 'hand_over') {
      setAsked({ deed, member });
      return;
    }
    const role = deed === 'make_admin' ? 'admin' : 'member';
    void attempt(() => store.run({ type: 'set_role', conversation, user: member.user, role }));
  }

  function onFindKey(event: KeyboardEvent) {
    if (event.key !== 'Escape' || query === '') return;
    event.preventDefault();
    setQuery('');
  }

  return (
    <section className="info-part">
      <h3 ref={heading} className="list-heading" tabIndex={-1}>
        {members.length === 1 ? '1 member' : `${members.length} members`}
      </h3>
      {error !== undefined && (
        <p className="field-error info-error" role="alert">
          {error}
        </p>
      )}
      {many && (
        <div className="member-find">
          <Field
            label="Find a member"
            type="search"
            value={query}
            onChange={(event) => setQuery(event.target.value)}
            onKeyDown={onFindKey}
          />
        </div>
      )}
      {mayAdd(group) && (
        <RouteLink className="member" to={{ at: 'group', conversation, beside: 'add' }}>
          <span className="avatar avatar-small avatar-new">
            <AddPersonIcon size={20} />
          </span>
          <span className="member-name">Add people</span>
        </RouteLink>
      )}
      <ul aria-label="Members">
        {shown.map((member) => (
          <MemberRow
            key={member.user}
            group={group}
            member={member}
            mine={names.isMe(member.user)}
            names={names}
            onDeed={(deed) => onDeed(deed, member)}
          />
        ))}
        {group.waiting.map((user) => (
          <WaitingRow key={user} user={user} names={names} />
        ))}
      </ul>
      {query.trim() !== '' && shown.length === 0 && (
        <p className="member-none secondary" role="status">
          Nobody here is called “{query.trim()}”.
        </p>
      )}
      {asked?.deed === 'remove' && (
        <RemoveMember
          group={group}
          member={asked.member}
          // Their row goes, and what it had in focus.
          onRemoved={() => heading.current?.focus()}
          onClose={() => setAsked(null)}
        />
      )}
      {asked?.deed === 'hand_over' && (
        <Confirm
          title={`Hand the group over to ${toldApart(inSentence(asked.member.name), names.detail(asked.member.user))}?`}
          text={`${toldApart(inSentence(asked.member.name), names.detail(asked.member.user))} will own it. You can’t take it back: only the new owner can hand it on.`}
          action="Hand over"
          onConfirm={() =>
            store.run({ type: 'set_role', conversation, user: asked.member.user, role: 'owner' })
          }
          onClose={() => setAsked(null)}
        />
      )}
    </section>
  );
}
