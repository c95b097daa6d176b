import { useId } from 'react';
import type { ComponentProps, ReactNode } from 'react';

type ButtonProps = ComponentProps<'button'> & { look?: 'main' | 'quiet' | 'danger' | 'text'; wide?: boolean };

export function Button({
  look = 'main',
  wide = false,
  className = '',
  type = 'button',
  ...rest
}: ButtonProps) {
  const classes = `button button-${look} ${wide ? 'button-wide' : ''} ${className}`;
  return <button type={type} className={classes.trim()} {...rest} />;
}

type IconButtonProps = ComponentProps<'button'> & { label: string; keys?: string };

// A button that is only an icon: its label is read aloud and shown on hover, with its key.
export function IconButton({ label, keys, className = '', ...rest }: IconButtonProps) {
  const title = keys === undefined ? label : `${label} (${keys})`;
  return (
    <button
      type="button"
      className={`icon-button ${className}`.trim()}
      aria-label={label}
      title={title}
      {...rest}
    />
  );
}

interface Labelled {
  label: string;
  hint?: ReactNode;
  error?: ReactNode;
}

// A labelled input, what is wrong with it, and its hint, which may help to put it right.
export function Field({ label, hint, error, className = '', ...rest }: ComponentProps<'input'> & Labelled) {
  const id = useId();
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error}>
      <input
        id={id}
        className={`field-input ${className}`.trim()}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-error ${id}-hint`}
        autoComplete="off"
        {...rest}
      />
    </FieldFrame>
  );
}

// The same for a few lines.
export function LongField({ label, hint, error, ...rest }: ComponentProps<'textarea'> & Labelled) {
  const id = useId();
  return (
    <FieldFrame id={id} label={label} hint={hint} error={error}>
      <textarea
        id={id}
        className="field-input field-long"
        rows={3}
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-error ${id}-hint`}
        {...rest}
      />
    </FieldFrame>
  );
}

function FieldFrame({ id, label, hint, error, children }: Labelled & { id: string; children: ReactNode }) {
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>
        {label}
      </label>
      {children}
      {error !== undefined && (
        <p id={`${id}-error`} className="field-error" role="alert">
          {error}
        </p>
      )}
      {hint !== undefined && (
        <p id={`${id}-hint`} className="field-hint">
          {hint}
        </p>
      )}
    </div>
  );
}
