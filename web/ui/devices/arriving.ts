import { useSelect } from '../../store/hooks';
import { useReached } from '../use_clock';

// How long it is worth saying where there is no chat yet.
const kArrivingMs = 60_000;

export const kArriving = {
  title: 'Your chats are coming in',
  text: 'What was written before this device came stays on your other devices.',
};

// Whether this device came into its account only just now.
export function useArriving(): boolean {
  const since = useSelect((state) => state.linkedAt);
  const over = useReached(since === null ? null : since + kArrivingMs);
  return since !== null && !over;
}
