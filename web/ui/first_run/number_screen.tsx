import { useStore } from '../../store/hooks';
import { Button } from '../controls';
import { AddressForm } from './address_form';
import { FirstRunFrame } from './frame';

interface Props {
  given?: string | undefined;
  // There is already a code on its way: back to its screen without asking for another.
  onBack?: (() => void) | undefined;
  onSent: () => void;
  // The other way in, while nothing is begun: by a device that has the account.
  onLink?: (() => void) | undefined;
}

export function NumberScreen({ given, onBack, onSent, onLink }: Props) {
  const store = useStore();
  return (
    <FirstRunFrame
      step={1}
      title="Your number or e-mail"
      lead="People who know it can find you. We send you a code to make sure that it is yours."
      onBack={onBack}
    >
      <AddressForm
        given={given}
        action="Send code"
        acting="Sending…"
        onGiven={(address) => store.run({ type: 'register', ...address }).then(onSent)}
      >
        {onBack && (
          <Button look="text" onClick={onBack}>
            Back
          </Button>
        )}
        {onLink && (
          <Button look="text" onClick={onLink}>
            Link to a device that you already use
          </Button>
        )}
      </AddressForm>
    </FirstRunFrame>
  );
}
