import { useState } from 'react';
import { Button } from '../controls';

// Whether this browser may show notifications is asked when the user wants it, never by itself.
export function BrowserPermission() {
  const [permission, setPermission] = useState(() => permissionNow());
  if (permission === 'granted' || permission === null) return null;
  if (permission === 'denied') {
    return <p className="info-error secondary">This browser does not let Kith show notifications.</p>;
  }
  return (
    <p className="info-error">
      <Button
        look="text"
        onClick={() => {
          Notification.requestPermission().then(setPermission, () => setPermission(permissionNow()));
        }}
      >
        Allow notifications in this browser
      </Button>
    </p>
  );
}

// Null where the browser has none.
function permissionNow(): NotificationPermission | null {
  return 'Notification' in window ? Notification.permission : null;
}
