import { useState } from 'react';
import { Button, Field } from '../controls';
import { CheckIcon, CopyIcon, ShareIcon } from '../icons';
import { addressOf } from '../join/invite_link';
import { useCopy } from '../use_copy';

interface Props {
  link: string;
  // The element that says which link it is.
  describedBy: string;
  // In a dialog of its own: copying is what it is for, and the link shows beside it.
  main?: boolean;
}

// The link itself, to be read or copied by hand.
export function LinkField({ link }: { link: string }) {
  return (
    <Field
      label="Invite link"
      readOnly
      value={addressOf(link)}
      onFocus={(event) => event.currentTarget.select()}
    />
  );
}

// How an invite link gets to other people.
export function LinkWays({ link, describedBy, main = false }: Props) {
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
        look={main ? 'main' : 'quiet'}
        className={main ? '' : 'button-small'}
        autoFocus={main}
        aria-describedby={describedBy}
        onClick={() => void copy(address)}
      >
        {copied ? <CheckIcon size={20} /> : <CopyIcon size={20} />}
        <span aria-live="polite">{copied ? 'Copied' : 'Copy'}</span>
      </Button>
      {'share' in navigator && (
        <Button
          look="quiet"
          className={main ? '' : 'button-small'}
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
            This browser did not let us {refused ? 'copy' : 'share'} it.{' '}
            {main ? 'Take it from above.' : 'Here it is:'}
          </p>
          {!main && <LinkField link={link} />}
        </div>
      )}
    </>
  );
}
