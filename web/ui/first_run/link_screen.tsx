import { useState } from 'react';
import type { LinkCode } from '../../../schema/core';
import { useStore } from '../../store/hooks';
import '../devices/devices.css';
import { Button } from '../controls';
import { QrCode } from '../qr/qr_code';
import { useCommand } from '../use_command';
import { FirstRunFrame } from './frame';

// The code by which a device of the account lets this one in, until it has.
export function LinkScreen({ link }: { link: LinkCode }) {
  const store = useStore();
  const { error, attempt } = useCommand();
  const cancel = () => void attempt(() => store.run({ type: 'cancel_link' }));
  return (
    <FirstRunFrame
      title="Link this device"
      lead="On a device that you already use, open You, then Devices, then “Link a new device”. Scan this code there, or type it."
      onBack={cancel}
    >
      <div className="first-run-form">
        <div>
          <QrCode text={link.qr} label="QR code for your other device" />
          <ol className="link-code" aria-label="The code, in groups">
            {link.code.split('-').map((group, index) => (
              <li key={index} className="key-group-text">
                {group}
              </li>
            ))}
          </ol>
        </div>
        <p className="link-state">
          Your other device will show <strong className="link-digits">{link.confirmation}</strong>.
        </p>
        <Progress link={link} />
        {error !== undefined && (
          <p className="field-error" role="alert">
            {error}
          </p>
        )}
        <div className="first-run-actions">
          <Button look="text" onClick={cancel}>
            Cancel
          </Button>
        </div>
      </div>
    </FirstRunFrame>
  );
}

function Progress({ link }: { link: LinkCode }) {
  const [first] = useState(link.code);
  return (
    <p className="link-state secondary" role="status">
      {link.is_taken_up
        ? `Your other device has the code. Say yes there if it shows ${link.confirmation}.`
        : link.code === first
          ? 'Waiting for your other device…'
          : 'The code before has run out. This one holds now.'}
    </p>
  );
}
