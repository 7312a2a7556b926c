/** Drafts of specs, stored for the tab, so that a reload or a failure loses nothing. */
import { readStored, store } from '../state/storage.ts';

export interface Draft {
  readonly text: string;
  /** Empty: the spec's own name. */
  readonly name: string;
  /** Idempotency key of the start; new after every edit, so that a spec sent twice starts once. */
  readonly key: string;
}

/** Each origin of a draft (a dataset, a sweep, none) has a draft of its own. */
const keyOf = (origin: string) => `narrows-draft:${origin}`;

export function readDraft(origin: string): Draft | null {
  const draft = readStored(keyOf(origin)) as Draft | null;
  return typeof draft?.text === 'string' && typeof draft.name === 'string' && typeof draft.key === 'string' ? draft : null;
}

/** null removes the draft. */
export const storeDraft = (origin: string, draft: Draft | null): void => store(keyOf(origin), draft);
