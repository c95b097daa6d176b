import { useEffect, useEffectEvent, useState } from 'react';
import type { ReactNode } from 'react';
import type { Id } from '../../../schema/core';
import { CommandFailed } from '../../store/commands';
import type { InviteLook } from '../../store/commands';
import { useSelect, useStore } from '../../store/hooks';
import { Avatar } from '../avatar';
import { Button } from '../controls';
import { Dialog, useCloseDialog } from '../dialog';
import { explain } from '../explain';
import { go } from '../route';
import { useHeldFor } from '../use_clock';
import { dropLink, heldLink } from './invite_link';
import './join.css';

type Step =
  | { at: 'looking' }
  | { at: 'offered' | 'joining' | 'asked'; look: InviteLook }
  | { at: 'failed'; reason: unknown };

// What an invite link that was opened leads to, and the way in.
export function JoinDialog({ link }: { link: string }) {
  return (
    <Dialog title="Group invitation" onClose={dropLink}>
      <Invitation link={link} />
    </Dialog>
  );
}

function Invitation({ link }: { link: string }) {
  const store = useStore();
  const close = useCloseDialog();
  const [step, setStep] = useState<Step>({ at: 'looking' });
  const online = useSelect((state) => state.connection === 'online');
  const looking = step.at === 'looking';
  const failed = (reason: unknown) => setStep({ at: 'failed', reason });

  // Closed first, so that the focus finds its place in the chat. Whoever went away meanwhile is not taken there.
  function enter(conversation: Id) {
    if (heldLink() !== link) return;
    close();
    go({ at: 'group', conversation, beside: 'nothing' });
  }

  const looked = useEffectEvent((look: InviteLook) => {
    if (look.is_member) enter(look.conversation);
    else setStep({ at: 'offered', look });
  });
  // Kith may only just have been opened: the question waits for the connection.
  useEffect(() => {
    if (!looking || !online) return undefined;
    let wanted = true;
    store.run({ type: 'look_at_invite', link }).then(
      (look) => wanted && looked(look),
      (reason: unknown) => wanted && failed(reason),
    );
    return () => {
      wanted = false;
    };
  }, [store, link, looking, online]);

  async function join(look: InviteLook) {
    setStep({ at: 'joining', look });
    try {
      const { conversation, asked } = await store.run({ type: 'join_group', link });
      if (asked === true) setStep({ at: 'asked', look });
      else enter(conversation);
    } catch (reason) {
      failed(reason);
    }
  }

  return (
    <>
      <div role="status">
        <Words step={step} online={online} />
      </div>
      <div className="dialog-actions">
        <Away step={step} />
        {(step.at === 'offered' || step.at === 'joining') && (
          <Button
            aria-disabled={step.at === 'joining'}
            onClick={() => step.at === 'offered' && void join(step.look)}
          >
            {actionFor(step.at, step.look)}
          </Button>
        )}
        {step.at === 'failed' && !isFinal(step.reason) && (
          <Button onClick={() => setStep({ at: 'looking' })}>Try again</Button>
        )}
      </div>
    </>
  );
}

function actionFor(at: 'offered' | 'joining', { needs_approval }: InviteLook): string {
  if (at === 'joining') return needs_approval ? 'Asking…' : 'Joining…';
  return needs_approval ? 'Ask to join' : 'Join group';
}

// Where nothing more is to be decided it takes the focus, which was on a button that is gone.
function Away({ step }: { step: Step }) {
  const close = useCloseDialog();
  const settled = step.at === 'asked' || step.at === 'failed';
  return (
    <Button
      key={settled ? 'settled' : 'open'}
      autoFocus={settled}
      look={step.at === 'asked' ? 'main' : 'quiet'}
      onClick={close}
    >
      {step.at === 'asked' ? 'OK' : settled ? 'Close' : 'Cancel'}
    </Button>
  );
}

function Words({ step, online }: { step: Step; online: boolean }) {
  const slow = useHeldFor(step.at === 'looking', 300);
  switch (step.at) {
    case 'looking':
      return (
        slow && <p className="secondary">{online ? 'Looking where it leads…' : 'Waiting for network…'}</p>
      );
    case 'offered':
    case 'joining':
      return (
        <InvitedTo look={step.look}>
          {step.look.needs_approval
            ? 'You are invited to ask to join this group. Somebody in it has to let you in.'
            : 'You are invited to this group. You will see what is written from then on.'}
        </InvitedTo>
      );
    case 'asked':
      return (
        <InvitedTo look={step.look}>
          You asked to join. Somebody in the group has to let you in; it will appear among your chats then.
        </InvitedTo>
      );
    case 'failed':
      return <p className="field-error">{wordsFor(step.reason)}</p>;
  }
}

// The name is the word of whoever made the link: it stands alone, in no sentence.
function InvitedTo({ look, children }: { look: InviteLook; children: ReactNode }) {
  return (
    <div className="invited-to">
      <Avatar id={look.conversation} name={look.name} kind="group" size="large" />
      <h3 className="info-name">{look.name}</h3>
      <p className="dialog-text secondary">{children}</p>
    </div>
  );
}

// What these mean of a link.
const kWords: Record<string, string> = {
  invalid_argument: 'This is not an invite link, or a part of it is missing. Copy it again, all of it.',
  not_found: 'This link leads to no group on this server. Ask for a new one.',
};
// What asking again does not change.
const kFinal = new Set([
  ...Object.keys(kWords),
  'invite_revoked',
  'invite_expired',
  'invite_used_up',
  'group_full',
  'group_refused',
]);

function wordsFor(reason: unknown): ReactNode {
  return (reason instanceof CommandFailed ? kWords[reason.error] : undefined) ?? explain(reason);
}

function isFinal(reason: unknown): boolean {
  return reason instanceof CommandFailed && kFinal.has(reason.error);
}
