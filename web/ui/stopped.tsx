import type { Life } from '../store/state';
import { useStore } from '../store/hooks';
import { Button } from './controls';
import { Mark } from './mark';
import './whole_page.css';

interface Words {
  title: string;
  text: string;
  action?: 'use_here' | 'reload' | 'begin';
}

// The whole page, when this tab cannot show chats: why, and what to do.
export function Stopped({ life }: { life: Life }) {
  const store = useStore();
  const words = wordsFor(life);
  return (
    <main className="whole-page">
      <Mark size={48} />
      <div className="whole-page-words" role="status">
        <h1>{words.title}</h1>
        <p>{words.text}</p>
      </div>
      {words.action === 'use_here' && <Button onClick={() => store.takeOver()}>Use here</Button>}
      {words.action === 'begin' && <Button onClick={() => window.location.reload()}>Begin again</Button>}
      {words.action === 'reload' && <Button onClick={() => window.location.reload()}>Try again</Button>}
    </main>
  );
}

function wordsFor(life: Life): Words {
  if (life.kind === 'held_elsewhere') return kElsewhere;
  if (life.kind === 'stopped') return kStopped[life.reason];
  if (life.kind === 'failed') return kFailed[life.reason];
  return { title: 'Kith stopped', text: 'Load the page again.', action: 'reload' };
}

const kElsewhere: Words = {
  title: 'Kith is open in another tab',
  text: 'Your chats are there. Only one tab at a time can send and receive.',
  action: 'use_here',
};

const kStopped: Record<Extract<Life, { kind: 'stopped' }>['reason'], Words> = {
  taken_over: kElsewhere,
  logged_out: {
    title: 'This device was signed out',
    text: 'It no longer receives messages. What it had is still here, but can’t be shown.',
  },
  forgotten: {
    title: 'Everything is deleted',
    text: 'Nothing of the account is left on this device.',
    action: 'begin',
  },
  storage_failed: {
    title: 'Kith can’t save here',
    text: 'The disk may be full, or the browser does not allow it. Nothing was sent that was not saved first.',
    action: 'reload',
  },
};

const kFailed: Record<Extract<Life, { kind: 'failed' }>['reason'], Words> = {
  insecure: {
    title: 'This address is not secure',
    text: 'Kith needs https, or an address of this very machine such as localhost.',
  },
  no_storage: {
    title: 'Kith can’t save here',
    text: 'The browser gives this page no storage. That is often so in a private window.',
    action: 'reload',
  },
  no_core: {
    title: 'Kith could not start',
    text: 'A part of it could not be loaded. The connection may be down, or the browser too old.',
    action: 'reload',
  },
  crashed: {
    title: 'Kith stopped',
    text: 'Something went wrong inside. What you wrote is saved.',
    action: 'reload',
  },
};
