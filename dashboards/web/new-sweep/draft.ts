/** A spec that is being written: kept for the tab, so that a reload, a detour or a failure loses nothing. */

export interface Draft {
  readonly text: string;
  /** Empty: as the spec names it. */
  readonly name: string;
  /** Of the request that starts it: made anew with every edit, so that the same spec sent twice starts once. */
  readonly key: string;
}

/** What of the browser's storage is needed; null where there is none. */
export type DraftStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | null;

/** `origin`: what the draft began from (a dataset, a sweep, nothing); each has a draft of its own. */
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
    // Full or forbidden: the draft lives as long as the page.
  }
}

export function removeDraft(storage: DraftStorage, origin: string): void {
  try {
    storage?.removeItem(keyOf(origin));
  } catch {
    // There was none to drop.
  }
}
