/** Drafts of specs, stored for the tab, so that a reload or a failure loses nothing. */

export interface Draft {
  readonly text: string;
  /** Empty: the spec's own name. */
  readonly name: string;
  /** Idempotency key of the start; new after every edit, so that a spec sent twice starts once. */
  readonly key: string;
}

/** The browser's storage; null if it is unavailable. */
export type DraftStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null;

/** Each origin of a draft (a dataset, a sweep, none) has a draft of its own. */
const keyOf = (origin: string) => `narrows-draft:${origin}`;

export function readDraft(storage: DraftStorage, origin: string): Draft | null {
  try {
    const draft = JSON.parse(storage?.getItem(keyOf(origin)) ?? 'null') as Draft | null;
    return typeof draft?.text === 'string' && typeof draft.name === 'string' && typeof draft.key === 'string' ? draft : null;
  } catch {
    return null;
  }
}

export function saveDraft(storage: DraftStorage, origin: string, draft: Draft): void {
  try {
    storage?.setItem(keyOf(origin), JSON.stringify(draft));
  } catch {
    // Full or disabled: the draft lasts as long as the page.
  }
}

export function removeDraft(storage: DraftStorage, origin: string): void {
  try {
    storage?.removeItem(keyOf(origin));
  } catch {
    // Without storage there are no drafts.
  }
}
