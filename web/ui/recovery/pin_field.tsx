import type { ReactNode } from 'react';
import { Field } from '../controls';

export const kFewestDigits = 4;
const kMostDigits = 20;

interface Props {
  label?: string;
  value: string;
  error?: ReactNode;
  busy?: boolean;
  // As it is chosen one sees it, so that it is what one wanted; as it is asked for, others may look.
  shown?: boolean;
  autoFocus?: boolean;
  onChange: (digits: string) => void;
}

export function PinField({ label = 'PIN', value, error, busy, shown = false, autoFocus, onChange }: Props) {
  return (
    <Field
      label={label}
      className="pin-typed"
      hint={`${kFewestDigits} to ${kMostDigits} digits.`}
      error={error}
      name="pin"
      type={shown ? 'text' : 'password'}
      inputMode="numeric"
      readOnly={busy}
      autoFocus={autoFocus}
      value={value}
      onChange={({ target }) => onChange(target.value.replace(/\D/gu, '').slice(0, kMostDigits))}
    />
  );
}
