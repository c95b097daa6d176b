import { useState } from 'react';
import type { Millis, OwnDevice } from '../../../schema/core';
import { useSelect } from '../../store/hooks';
import { Button } from '../controls';
import { Editable } from '../editable';
import { PaneHeader } from '../frame/pane_header';
import { HistoryLine } from '../history/history_line';
import { DevicesIcon, LinkIcon } from '../icons';
import { useHeldFor } from '../use_clock';
import { wordsForDevice } from './device_words';
import { LinkDialog } from './link_dialog';
import { NewKeys } from './new_keys';
import { useOwnDevices } from './use_own_devices';
import './devices.css';

// In characters as a browser counts them; the server takes 128 bytes.
const kLongestName = 42;

// On which devices the user's account is, and the way in for another one.
export function Devices() {
  const { devices, keysByRecoveryKey, error, now, expectOne, changed, rename } = useOwnDevices();
  const awaitsKeys = useSelect((state) => state.account?.awaits_keys === true);
  const [linking, setLinking] = useState(false);
  // A device to be removed, or new keys for all.
  const [asking, setAsking] = useState<OwnDevice | 'keys'>();
  const [renewed, setRenewed] = useState(false);
  const slow = useHeldFor(devices === undefined && error === undefined, 300);
  return (
    <div className="pane">
      <PaneHeader title="Devices" back={{ at: 'you' }} />
      <HistoryLine />
      <div className="pane-body">
        <button type="button" className="member" onClick={() => setLinking(true)}>
          <span className="avatar avatar-small avatar-new">
            <LinkIcon size={20} />
          </span>
          <span className="member-name">Link a new device</span>
        </button>
        {error !== undefined && (
          <p className="field-error devices-error" role="alert">
            {error}
          </p>
        )}
        {slow && <p className="secondary devices-error">Asking for your devices…</p>}
        <ul aria-label="Your devices">
          {devices?.map((device) => (
            <DeviceRow
              key={device.device}
              device={device}
              now={now}
              onRename={(name) => rename(device.device, name)}
              onRemove={() => setAsking(device)}
            />
          ))}
        </ul>
        <KeysNote
          awaitsKeys={awaitsKeys}
          byRecoveryKey={keysByRecoveryKey}
          renewed={renewed}
          onRenew={() => {
            setRenewed(false);
            setAsking('keys');
          }}
        />
      </div>
      {asking !== undefined && (
        <NewKeys
          device={asking === 'keys' ? undefined : asking}
          onDone={() => {
            changed();
            setRenewed(asking === 'keys');
          }}
          onClose={() => setAsking(undefined)}
        />
      )}
      {linking && <LinkDialog onLinked={expectOne} onClose={() => setLinking(false)} />}
    </div>
  );
}

interface NoteProps {
  awaitsKeys: boolean;
  byRecoveryKey: boolean;
  // Only just now, by the user.
  renewed: boolean;
  onRenew: () => void;
}

// How the account's keys stand, and the way to new ones.
function KeysNote({ awaitsKeys, byRecoveryKey, renewed, onRenew }: NoteProps) {
  return (
    <div className="keys-note">
      {awaitsKeys && (
        <p role="status">Another of your devices has made new keys. This one waits until it gets them.</p>
      )}
      {!byRecoveryKey && (
        <p>
          Your keys were last made without the recovery key. If that was not you, remove what you do not know,
          or make new keys, with the recovery key.
        </p>
      )}
      {(renewed || byRecoveryKey) && (
        <p role="status">
          {renewed
            ? 'Your account has new keys.'
            : 'If somebody could have had the keys of your account, make new ones. All your devices stay.'}
        </p>
      )}
      <Button look="text" onClick={onRenew}>
        Make new keys
      </Button>
    </div>
  );
}

interface RowProps {
  device: OwnDevice;
  now: Millis;
  onRename: (name: string) => Promise<void>;
  onRemove: () => void;
}

function DeviceRow({ device, now, onRename, onRemove }: RowProps) {
  const name = device.name.trim() === '' ? 'A device without a name' : device.name;
  return (
    <li className="device">
      <span className="avatar avatar-small avatar-new">
        <DevicesIcon size={20} />
      </span>
      <div className="device-about">
        <Editable
          label="Name"
          change={`Rename ${name}`}
          text={device.name}
          longest={kLongestName}
          required
          replaced
          editable
          onSave={onRename}
        >
          <div>
            <p className="device-name">{name}</p>
            <p className="secondary device-words">
              {wordsForDevice(device, now).map((words) => (
                <span key={words}>{words}</span>
              ))}
            </p>
          </div>
        </Editable>
      </div>
      {!device.is_this && (
        <Button look="text" className="device-remove" aria-label={`Remove ${name}`} onClick={onRemove}>
          Remove
        </Button>
      )}
    </li>
  );
}
