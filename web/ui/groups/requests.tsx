import { useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type { Group } from '../../../schema/core';
import { useStore } from '../../store/hooks';
import { Avatar } from '../avatar';
import { Button } from '../controls';
import { wordsForAsking } from '../group_words';
import { Named } from '../named';
import { ofOther, useNames } from '../names';
import { useCommand } from '../use_command';
import { wordsForNotAdded } from './not_added';

type Request = Group['requests'][number];

// Who asks to come in by an invite link, for those who may add people. Whoever has answered the last one stays where they are.
export function Requests({ group }: { group: Group }) {
  const store = useStore();
  const names = useNames();
  const { busy, error, attempt } = useCommand();
  const heading = useRef<HTMLHeadingElement>(null);
  const [refused, setRefused] = useState<ReactNode>();
  const { conversation, requests } = group;
  const [answered, setAnswered] = useState(false);
  const problem = error ?? refused;
  if (requests.length === 0 && !answered) return null;

  async function letIn({ user, name }: Request) {
    const { not_added } = await store.run({ type: 'add_members', conversation, users: [user] });
    setRefused(not_added[0] === undefined ? undefined : wordsForNotAdded(name, not_added[0]));
  }

  async function answer(deed: () => Promise<unknown>) {
    setRefused(undefined);
    setAnswered(true);
    // Their row may go, and what it had in focus.
    if (await attempt(deed)) heading.current?.focus();
  }

  return (
    <section className="info-part">
      <h3 ref={heading} className="list-heading" tabIndex={-1}>
        {requests.length === 0 ? 'Nobody else asks to join' : wordsForAsking(requests.length)}
      </h3>
      <ul aria-label="Who asks to join">
        {requests.map((request) => {
          const name = ofOther(request.name);
          return (
            <li key={request.user} className="request">
              <Avatar id={request.user} name={request.name} size="small" />
              <Named className="member-name" name={name} user={request.user} names={names} />
              <span className="request-answers">
                <Button
                  look="quiet"
                  className="button-small"
                  aria-label={`Decline ${name}`}
                  aria-disabled={busy}
                  onClick={() =>
                    void answer(() =>
                      store.run({ type: 'decline_request', conversation, user: request.user }),
                    )
                  }
                >
                  Decline
                </Button>
                <Button
                  className="button-small"
                  aria-label={`Approve ${name}`}
                  aria-disabled={busy}
                  onClick={() => void answer(() => letIn(request))}
                >
                  Approve
                </Button>
              </span>
            </li>
          );
        })}
      </ul>
      {/* Below: the rows stay where the pointer is. */}
      {problem !== undefined && (
        <p className="field-error info-error" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}
