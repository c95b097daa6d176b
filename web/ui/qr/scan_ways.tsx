import { useRef } from 'react';
import type { ChangeEvent } from 'react';
import { Button } from '../controls';
import { readPicture } from './read_qr';
import './qr.css';

interface Props {
  // Whose code is scanned: "their", "its".
  whose: string;
  busy: boolean;
  onScan: () => void;
  // What the code in a picture says; null where there is none in it.
  onPicture: (text: string | null) => void;
}

export const kNoCode = 'There is no QR code in this picture.';

// The ways to another device's code: the camera, which takes the place of all this (Scanner), and a picture. Coming back from the
// camera the focus is where it was.
export function ScanWays({ whose, busy, onScan, onPicture }: Props) {
  const input = useRef<HTMLInputElement>(null);

  function chosen(event: ChangeEvent<HTMLInputElement>) {
    const file = event.target.files?.[0];
    // The same picture can be chosen again.
    event.target.value = '';
    if (file !== undefined) void readPicture(file).then(onPicture);
  }

  return (
    <div className="qr-ways">
      <Button look="quiet" autoFocus aria-disabled={busy} onClick={onScan}>
        Scan {whose} code
      </Button>
      <Button look="quiet" onClick={() => input.current?.click()}>
        From a picture
      </Button>
      <input
        ref={input}
        type="file"
        accept="image/*"
        className="spoken"
        tabIndex={-1}
        aria-label={`A picture of ${whose} code`}
        onChange={chosen}
      />
    </div>
  );
}
