/** A button that puts text on the clipboard, and says so. */
import { useEffect } from 'preact/hooks';
import { useCopy } from '../parts/copy.ts';

export function Copy({ text, children }: { readonly text: string; readonly children: string }) {
  const failed = 'This browser lets pages copy over https only: select the text.';
  const { copy, status, setStatus } = useCopy(text, 'Copied.', failed);
  useEffect(() => {
    if (status === '') return;
    const timer = setTimeout(() => setStatus(''), 4000);
    return () => clearTimeout(timer);
  }, [status]);
  return (
    <>
      <button type="button" onClick={copy}>
        {children}
      </button>
      <span class="small" role="status">
        {status}
      </span>
    </>
  );
}
