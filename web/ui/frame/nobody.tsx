import { Button } from '../controls';
import { LockIcon } from '../icons';
import { Mark } from '../mark';
import { useSelect } from '../../store/hooks';
import { go } from '../route';

// The conversation's place while no chat is open.
export function Nobody() {
  const any = useSelect((state) => state.chats.size > 0);
  return (
    <div className="nobody">
      <Mark size={56} />
      <div className="whole-page-words">
        <h2>{any ? 'Choose a chat' : 'No chats yet'}</h2>
        <p>
          {any
            ? 'Or begin one with somebody new.'
            : 'Find somebody by their number or e-mail, and say hello.'}
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
