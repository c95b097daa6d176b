import { Button } from '../controls';
import { goInstead } from '../route';

// In the place of a chat that this device does not have.
export function Nowhere() {
  return (
    <div className="nobody">
      <div className="whole-page-words">
        <h2 tabIndex={-1}>This chat is not here</h2>
        <p>It may belong to another account or device.</p>
      </div>
      <Button look="quiet" onClick={() => goInstead({ at: 'chats' })}>
        To the chats
      </Button>
    </div>
  );
}
