/** What is moved many times a second, and has to be written down once it rests: browsers refuse pages that change their address too often. */
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { type Changes, useUrl } from './url.ts';

const REST_MS = 250;

/** Changes the address when nothing was asked for a moment; `now` drops what waits, and changes it at once. */
export function useDebouncedUrl(): { readonly soon: (changes: Changes) => void; readonly now: (changes: Changes) => void } {
  const { change } = useUrl();
  const latest = useRef(change);
  latest.current = change;
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useMemo(
    () => ({
      soon(changes) {
        clearTimeout(timer.current);
        timer.current = setTimeout(() => latest.current(changes), REST_MS);
      },
      now(changes) {
        clearTimeout(timer.current);
        latest.current(changes);
      },
    }),
    [],
  );
}
