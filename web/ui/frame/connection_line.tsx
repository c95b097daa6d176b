import type { Connection } from '../../store/state';
import { useSelect, useStore } from '../../store/hooks';
import { Button } from '../controls';
import { useHeldFor } from '../use_clock';

const kWords: Record<Exclude<Connection, 'online'>, string> = {
  offline: 'Waiting for network',
  connecting: 'Connecting…',
  syncing: 'Catching up…',
};

// A thin line under the header, only after two seconds without the server: a short break is nobody's business.
export function ConnectionLine() {
  const store = useStore();
  const connection = useSelect((state) => state.connection);
  const away = useHeldFor(connection !== 'online', 2000);
  return (
    <div className="connection" role="status" data-shown={away}>
      {away && connection !== 'online' && (
        <p className="connection-line">
          {kWords[connection]}
          {connection === 'offline' && (
            <Button look="text" className="connection-try" onClick={() => store.tell({ type: 'reconnect' })}>
              Try now
            </Button>
          )}
        </p>
      )}
    </div>
  );
}
