import { Button } from '../controls';
import { DevicesIcon } from '../icons';
import { RouteLink } from '../route_link';

// To whoever has just come back with the recovery key: what else there is to do, until it is put away.
export function LostDevice({ onSeen }: { onSeen: () => void }) {
  return (
    <div className="warning" role="status">
      <DevicesIcon size={20} />
      <p>
        If a device was lost or stolen, remove it under <RouteLink to={{ at: 'devices' }}>Devices</RouteLink>.
      </p>
      <Button look="text" className="warning-away" onClick={onSeen}>
        OK
      </Button>
    </div>
  );
}
