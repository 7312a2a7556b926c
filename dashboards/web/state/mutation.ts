/** Actions that are sent once, however often their button is pressed. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Failure, newKey, send } from '../api/http.ts';

export interface Mutation<Action extends string> {
  /** The pending action. */
  readonly busy: Action | null;
  /** Failure of the last attempt; null if it succeeded. */
  readonly failure: Failure | null;
  readonly mutate: (action: Action, body?: object) => Promise<void>;
  /** Parent of the buttons: keeps the focus among them if the pressed one disappears. */
  readonly group: RefObject<HTMLDivElement | null>;
}

/** `path` returns the path that an action is posted to; `onDone` runs after each success. */
export function useMutation<Action extends string>(path: (action: Action) => string, onDone: () => void): Mutation<Action> {
  const [busy, setBusy] = useState<Action | null>(null);
  const [failure, setFailure] = useState<Failure | null>(null);
  // One idempotency key until the server has responded: a retry after a lost connection is the same
  // request.
  const keys = useRef(new Map<string, string>());
  const group = useRef<HTMLDivElement>(null);
  const hasActed = useRef(false);
  // After every render: which of them removes the button is up to the page.
  useLayoutEffect(() => {
    if (!hasActed.current || busy) return;
    const { activeElement: at, body } = document;
    const isLost = at === null || at === body;
    if (isLost) group.current?.querySelector<HTMLElement>('button, a')?.focus();
    if (isLost || !group.current?.contains(at)) hasActed.current = false;
  });
  const mutate = async (action: Action, body: object = {}) => {
    if (busy) return;
    hasActed.current = true;
    const request = `${path(action)} ${JSON.stringify(body)}`;
    const key = keys.current.get(request) ?? newKey();
    keys.current.set(request, key);
    setBusy(action);
    setFailure(null);
    try {
      await send('POST', path(action), body, { key });
      keys.current.delete(request);
      onDone();
    } catch (error) {
      const failed = Failure.from(error);
      if (failed.status !== 0) keys.current.delete(request);
      setFailure(failed);
    } finally {
      setBusy(null);
    }
  };
  return { busy, failure, mutate, group };
}
