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

  async function begin() {
    const recovery = hasKey ? { recovery_key: key.characters } : {};
    await ofDevices(
      device === undefined
        ? store.run({ type: 'rotate_keys', ...recovery })
        : store.run({ type: 'revoke_device', device: device.device, ...recovery }),
    );
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
      action={device === undefined ? 'Make new keys' : 'Remove'}
      resting={hasKey && key.check?.spelled !== true}
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
    if (reason.error === 'no_device')
      throw new CommandFailed(
        'no_key',
        'One of your devices can’t get the new keys now. Open Kith there once.',
      );
    throw reason;
  }
}
