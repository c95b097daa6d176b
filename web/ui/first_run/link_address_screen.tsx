import { useStore } from '../../store/hooks';
import { Button } from '../controls';
import { deviceName } from '../device_name';
import { AddressForm } from './address_form';
import { FirstRunFrame } from './frame';

// Of which account this is to be one more device.
export function LinkAddressScreen({ onBack }: { onBack: () => void }) {
  const store = useStore();
  const device_name = deviceName(navigator.userAgent);
  return (
    <FirstRunFrame
      title="Link this device"
      lead="Give the number or e-mail that you use Kith with, and have a device at hand on which you do."
      onBack={onBack}
    >
      <AddressForm
        action="Show a code"
        acting="Making a code…"
        onGiven={(address) => store.run({ type: 'begin_link', ...address, device_name })}
      >
        <Button look="text" onClick={onBack}>
          Back
        </Button>
      </AddressForm>
    </FirstRunFrame>
  );
}
