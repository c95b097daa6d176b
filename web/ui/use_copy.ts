import { useState } from 'react';

// Puts something on the clipboard: whether it is there, or the browser refused.
export function useCopy() {
  const [outcome, setOutcome] = useState<'copied' | 'refused'>();

  async function copy(text: string) {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome('copied');
    } catch {
      setOutcome('refused');
    }
  }

  return { copied: outcome === 'copied', refused: outcome === 'refused', copy };
}
