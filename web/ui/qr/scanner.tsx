import { useEffect, useRef, useState } from 'react';
import { Button } from '../controls';
import { readQr } from './read_qr';
import './qr.css';

const kPauseMs = 150;

interface Props {
  onRead: (text: string) => void;
  onCancel: () => void;
}

// The camera, until it has read a code.
export function Scanner({ onRead, onCancel }: Props) {
  const video = useRef<HTMLVideoElement>(null);
  const read = useRef(onRead);
  const [refused, setRefused] = useState(false);
  useEffect(() => {
    read.current = onRead;
  });

  useEffect(() => {
    const life = new AbortController();
    if (video.current !== null) {
      scan(video.current, life.signal).then(
        (text) => read.current(text),
        () => life.signal.aborted || setRefused(true),
      );
    }
    return () => life.abort();
  }, []);

  return (
    <>
      {refused ? (
        <p className="field-error" role="alert">
          The camera can’t be used. Allow it for this page, or choose a picture of the code.
        </p>
      ) : (
        <>
          <video ref={video} className="scanner" aria-label="What the camera sees" muted playsInline />
          <p className="dialog-text">Hold the other device’s QR code in front of the camera.</p>
        </>
      )}
      <div className="dialog-actions">
        <Button look="quiet" onClick={onCancel}>
          Back
        </Button>
      </div>
    </>
  );
}

// Until something is read. The camera is put away in the end, also where nothing is wanted any more.
async function scan(player: HTMLVideoElement, unwanted: AbortSignal): Promise<string> {
  const stream = await openCamera();
  try {
    unwanted.throwIfAborted();
    player.srcObject = stream;
    await player.play();
    for (;;) {
      const text = await readQr(player);
      unwanted.throwIfAborted();
      if (text !== null) return text;
      await new Promise((resolve) => window.setTimeout(resolve, kPauseMs));
      unwanted.throwIfAborted();
    }
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
}

// Where a page may not use one, there is no `mediaDevices`: then this fails as if it were refused.
function openCamera(): Promise<MediaStream> {
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (devices === undefined) return Promise.reject(new Error('no camera here'));
  return devices.getUserMedia({ video: { facingMode: 'environment' } });
}
