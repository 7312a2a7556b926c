/** Copying to the clipboard, which browsers offer over https and on localhost only. */
import { useState } from 'preact/hooks';

/** Returns a function that copies a text, and a status: `copied` or `failed` afterwards. */
export function useCopy(text: string, copied: string, failed: string) {
  const [status, setStatus] = useState('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setStatus(copied);
    } catch {
      setStatus(failed);
    }
  };
  return { copy, status, setStatus };
}
