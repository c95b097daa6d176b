import { Button } from '../controls';
import { useArriving } from '../devices/arriving';
import { LockIcon } from '../icons';
import { Mark } from '../mark';
import { useSelect } from '../../store/hooks';
import { go } from '../route';

// The conversation's place while no chat is open.
export function Nobody() {
  const any = useSelect((state) => state.chats.size > 0);
  const arriving = useArriving();
  return (
    <div className="nobody">
      <Mark size={56} />
      <div className="whole-page-words" role={arriving ? 'status' : undefined}>
        <h2>{any ? 'Choose a chat' : (arriving?.title ?? 'No chats yet')}</h2>
        <p>
          {any
            ? 'Or begin one with somebody new.'
            : (arriving?.text ?? 'Find somebody by their number or e-mail, and say hello.')}
        </p>
      </div>
      <Button look="quiet" onClick={() => go({ at: 'new' })}>
        New chat
      </Button>
      <p className="nobody-foot secondary">
        <LockIcon size={16} />
        End-to-end encrypted
      </p>
    </div>
  );
}
