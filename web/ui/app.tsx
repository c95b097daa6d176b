import { useEffect, useState } from 'react';
import { useSelect } from '../store/hooks';
import { totalUnread } from '../store/select';
import { useAlerts } from './alerts/use_alerts';
import { useRequestAlerts } from './alerts/use_request_alerts';
import { FirstChatScreen } from './first_run/first_chat_screen';
import { LostDevice } from './devices/lost_device';
import { FirstRun } from './first_run/first_run';
import { Frame } from './frame/frame';
import { useHeldLink, useTakeLinks } from './join/invite_link';
import { JoinDialog } from './join/join_dialog';
import { Removed } from './removed';
import { Stopped } from './stopped';
import { Waiting } from './waiting';
import { goInstead } from './route';

export function App() {
  useAlerts();
  useRequestAlerts();
  const life = useSelect((state) => state.life);
  const account = useSelect((state) => state.account);
  // Whoever registered in this tab is led to a first chat; whoever comes back is not.
  const [registering, setRegistering] = useState(false);
  // Whoever comes back with the recovery key may have lost a device.
  const [returning, setReturning] = useState(false);
  useTakeLinks();
  const link = useHeldLink();
  const stage = account?.stage;
  const comesBack = stage === 'linking' || stage === 'account';
  const registers = stage !== undefined && stage !== 'ready' && stage !== 'removed' && !comesBack;
  if (life.kind === 'running' && registers && !registering) setRegistering(true);
  // Whoever came by an invite link has a group to go to, and a device that comes into an account brings its chats.
  if (registering && (comesBack || (stage === 'ready' && link !== null))) setRegistering(false);

  if (stage === 'account' && !returning) setReturning(true);
  if (returning && stage !== 'account' && stage !== 'ready') setReturning(false);

  if (life.kind === 'starting') return <Waiting />;
  if (life.kind !== 'running' || account === null) return <Stopped life={life} />;
  if (account.stage === 'removed') return <Removed />;
  if (account.stage !== 'ready') return <FirstRun account={account} />;
  if (registering) {
    return (
      <FirstChatScreen
        onFound={(user) => {
          goInstead({ at: 'chat', user, info: false });
          setRegistering(false);
        }}
        onLater={() => setRegistering(false)}
      />
    );
  }
  return (
    <>
      <UnreadInTitle />
      <Frame account={account} banner={returning && <LostDevice onSeen={() => setReturning(false)} />} />
      {link !== null && <JoinDialog key={link} link={link} />}
    </>
  );
}

function UnreadInTitle() {
  const unread = useSelect(totalUnread);
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) Kith` : 'Kith';
  }, [unread]);
  return null;
}
