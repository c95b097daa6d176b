import { useCallback, useEffect, useState } from 'react';

const kShownMs = 5000;

// A few words about what was just done, for as long as it takes to read them.
export function useSaid(): [string | null, (words: string) => void] {
  const [said, setSaid] = useState<{ words: string } | null>(null);
  const say = useCallback((words: string) => setSaid({ words }), []);
  useEffect(() => {
    if (said === null) return undefined;
    const timer = window.setTimeout(() => setSaid(null), kShownMs);
    return () => window.clearTimeout(timer);
  }, [said]);
  return [said?.words ?? null, say];
}
