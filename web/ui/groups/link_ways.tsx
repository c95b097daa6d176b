import { useState } from 'react';
import { Button, Field } from '../controls';
import { CheckIcon, CopyIcon, ShareIcon } from '../icons';
import { addressOf } from '../join/invite_link';
import { useCopy } from '../use_copy';

interface Props {
  link: string;
  // The element that says which link it is.
  describedBy: string;
  first?: boolean;
}

// How an invite link gets to other people.
export function LinkWays({ link, describedBy, first = false }: Props) {
  const address = addressOf(link);
  const { copied, refused, copy } = useCopy();
  const [unshared, setUnshared] = useState(false);
  const stuck = refused || unshared;

  // Whoever thinks better of it shares nothing, and that is no error.
  async function share() {
    try {
      await navigator.share({ url: address });
      setUnshared(false);
    } catch (reason) {
      setUnshared(!(reason instanceof DOMException && reason.name === 'AbortError'));
    }
  }

  return (
    <>
      <Button
        look="quiet"
        className="button-small"
        autoFocus={first}
        aria-describedby={describedBy}
        onClick={() => void copy(address)}
      >
        {copied ? <CheckIcon size={20} /> : <CopyIcon size={20} />}
        <span aria-live="polite">{copied ? 'Copied' : 'Copy'}</span>
      </Button>
      {'share' in navigator && (
        <Button
          look="quiet"
          className="button-small"
          aria-describedby={describedBy}
          onClick={() => void share()}
        >
          <ShareIcon size={20} />
          Share
        </Button>
      )}
      {stuck && (
        <div className="invite-by-hand">
          <p className="field-error" role="alert">
            This browser did not let us {refused ? 'copy' : 'share'} it. Here it is:
          </p>
          <Field
            label="Invite link"
            readOnly
            value={address}
            onFocus={(event) => event.currentTarget.select()}
          />
        </div>
      )}
    </>
  );
}
