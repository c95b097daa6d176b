import { useSelect } from '../../store/hooks';
import { useReached } from '../use_clock';

// How long it is worth saying where there is no chat yet.
const kArrivingMs = 60_000;

const kComing = {
  title: 'Your chats are coming in',
  text: 'What was written before this device came follows them, the newest first.',
};
const kStaying = {
  ...kComing,
  text: 'What was written before this device came stays on your other devices: your history is turned off.',
};

// What there is to say while this device has come into its account only just now; null afterwards.
export function useArriving(): { title: string; text: string } | null {
  const since = useSelect((state) => state.linkedAt);
  const isOff = useSelect((state) => state.archive === false);
  const over = useReached(since === null ? null : since + kArrivingMs);
  if (since === null || over) return null;
  return isOff ? kStaying : kComing;
}
