import type { ReactNode } from 'react';
import type { Connection } from '../../store/state';
import { useSelect, useStore } from '../../store/hooks';
import { Button } from '../controls';
import { useReached } from '../use_clock';

const kPatienceMs = 2000;

const kWords: Record<Exclude<Connection, 'online'>, string> = {
  offline: 'Waiting for network',
  connecting: 'Connecting…',
  syncing: 'Catching up…',
};

// A thin line under the header, only after two seconds without the server: a short break is nobody's business. Its room is there
// before it is, so that nothing moves from under a pointer.
export function ConnectionLine({ otherwise }: { otherwise?: ReactNode }) {
  const store = useStore();
  const connection = useSelect((state) => state.connection);
  const awaySince = useSelect((state) => state.awaySince);
  const away = useReached(awaySince === null ? null : awaySince + kPatienceMs);
  return (
    <div className="connection" data-shown={away}>
      <div role="status">
        {away && connection !== 'online' && (
          <p className="connection-line">
            {kWords[connection]}
            {connection === 'offline' && (
              <Button
                look="text"
                className="connection-try"
                onClick={() => store.tell({ type: 'reconnect' })}
              >
                Try now
              </Button>
            )}
          </p>
        )}
      </div>
      {!away && otherwise}
    </div>
  );
}
