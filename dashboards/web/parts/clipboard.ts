/** Copies text. Rejects without https or localhost, where browsers offer no clipboard. */
export const copyToClipboard = (text: string): Promise<void> =>
  navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'));
