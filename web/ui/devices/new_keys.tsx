import { useState } from 'react';
import type { OwnDevice } from '../../../schema/core';
import { CommandFailed } from '../../store/commands';
import { useStore } from '../../store/hooks';
import { Confirm, Dialog } from '../dialog';
import { inSentence } from '../person';
import { Scanner } from '../qr/scanner';
import { KeyField, ownVerdict, useGivenKey } from '../recovery/key_field';

interface Props {
  // The one that goes; without it all stay.
  device?: OwnDevice | undefined;
  onDone: () => void;
  onClose: () => void;
}

// Asks before the account's keys begin anew, without a device or for all of them, and for the recovery key, if the user wants
// that nobody has a doubt.
export function NewKeys({ device, onDone, onClose }: Props) {
  const store = useStore();
  const key = useGivenKey();
  const hasKey = key.characters !== '';
  // Another device would stay behind: asked once, it goes as well.
  const [unreachable, setUnreachable] = useState(false);

  async function begin() {
    const how = {
      ...(hasKey ? { recovery_key: key.characters } : {}),
      ...(unreachable ? { removes_unreachable: true } : {}),
    };
    try {
      await ofDevices(
        device === undefined
          ? store.run({ type: 'rotate_keys', ...how })
          : store.run({ type: 'revoke_device', device: device.device, ...how }),
      );
    } catch (reason) {
      if (reason instanceof CommandFailed && reason.error === 'device_unreachable') setUnreachable(true);
      throw reason;
    }
    onDone();
  }

  if (key.scanning) {
    const back = () => key.scan(false);
    return (
      <Dialog title="Scan your recovery key" onClose={back}>
        <Scanner onRead={key.scanned} onCancel={back} />
      </Dialog>
    );
  }
  return (
    <Confirm
      title={device === undefined ? 'Make new keys?' : `Remove ${nameOf(device)}?`}
      text={
        device === undefined
          ? 'Your account gets new keys, on all your devices. Do this if somebody could have had yours.'
          : 'It is signed out at once, and reads nothing that is written from then on. What it has already stays with it.'
      }
      action={action(device !== undefined, unreachable)}
      resting={hasKey && key.check?.spelled !== true}
      given={key.characters}
      onConfirm={begin}
      onClose={onClose}
    >
      <div className="new-keys">
        <p className="secondary">
          With your recovery key nobody doubts that this was you. Without it your contacts are told that your
          keys are new, and whoever has verified you has to compare safety numbers again.
        </p>
        <KeyField given={key} label="Recovery key (optional)" verdict={ownVerdict} />
      </div>
    </Confirm>
  );
}

function action(removes: boolean, unreachable: boolean): string {
  if (unreachable) return removes ? 'Remove both' : 'Make new keys, and remove it';
  return removes ? 'Remove' : 'Make new keys';
}

function nameOf({ name }: OwnDevice): string {
  return name.trim() === '' ? 'this device' : `“${inSentence(name)}”`;
}

// What these errors mean here.
async function ofDevices(answer: Promise<unknown>): Promise<void> {
  try {
    await answer;
  } catch (reason) {
    if (!(reason instanceof CommandFailed)) throw reason;
    if (reason.error === 'wrong_recovery_key')
      throw new CommandFailed('other_recovery_key', 'This is the recovery key of another account.');
    if (reason.error === 'device_unreachable')
      throw new CommandFailed(
        'device_unreachable',
        'One of your devices can’t get the new keys: it was away for too long. Open Kith there and try again, or remove it as well.',
      );
    throw reason;
  }
}
