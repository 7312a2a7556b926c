/** Puts text on the clipboard. Rejects where a page has none: a browser gives it over https and on this machine only, and a person selects the text by hand. */
export const copyToClipboard = (text: string): Promise<void> =>
  navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'));
