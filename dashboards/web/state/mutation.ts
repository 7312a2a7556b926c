/** Actions that are sent once however often they are pressed. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Failure, newKey, send } from '../api/http.ts';

export interface Mutation<Act extends string> {
  /** What is under way. */
  readonly busy: Act | null;
  /** Of the last attempt; null where it succeeded. */
  readonly failure: Failure | null;
  readonly mutate: (what: Act, body?: object) => Promise<void>;
  /** For the element that the buttons stand in: where the pressed one goes with what it did, as Pause does, the keyboard stays among them. */
  readonly group: RefObject<HTMLDivElement | null>;
}

/** `path`: where what is posted to, by its name. `onDone`: after each that succeeded. */
export function useMutation<Act extends string>(path: (what: Act) => string, onDone: () => void): Mutation<Act> {
  const [busy, setBusy] = useState<Act | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  // One key until the server has answered: what is sent again after a broken line is the same wish.
  const keys = useRef(new Map<string, string>());
  const group = useRef<HTMLDivElement>(null);
  const hasActed = useRef(false);
  // After every drawing: which of them takes the button away is the page's to know.
  useLayoutEffect(() => {
    if (!hasActed.current || busy) return;
    const { activeElement: at, body } = document;
    const isLost = at === null || at === body;
    if (isLost) group.current?.querySelector<HTMLElement>('button, a')?.focus();
    if (isLost || !group.current?.contains(at)) hasActed.current = false;
  });
  const act = async (what: Act, body: object = {}) => {
    if (busy) return;
    hasActed.current = true;
    const wish = `${path(what)} ${JSON.stringify(body)}`;
    const key = keys.current.get(wish) ?? newKey();
    keys.current.set(wish, key);
    setBusy(what);
    setFailure(null);
    try {
      await send('POST', path(what), body, { key });
      keys.current.delete(wish);
      onDone();
    } catch (error) {
      const failed = error instanceof Failure ? error : new Failure(0, null, (error as Error).message);
      if (failed.status !== 0) keys.current.delete(wish);
      setFailure(failed);
    } finally {
      setBusy(null);
    }
  };
  return { busy, failure, mutate: act, group };
}
