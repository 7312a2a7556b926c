/** A button that puts text on the clipboard, and says so. */
import { useEffect, useState } from 'preact/hooks';
import { copyToClipboard } from '../parts/clipboard.ts';

export function Copy({ text, children }: { readonly text: string; readonly children: string }) {
  const [told, setTold] = useState<'' | 'copied' | 'failed'>('');
  useEffect(() => {
    if (told === '') return;
    const timer = setTimeout(() => setTold(''), 4000);
    return () => clearTimeout(timer);
  }, [told]);
  return (
    <>
      <button
        type="button"
        onClick={() => {
          copyToClipboard(text).then(
            () => setTold('copied'),
            () => setTold('failed'),
          );
        }}
      >
        {children}
      </button>
      <span class="small" role="status">
        {told === 'copied' && 'Copied.'}
        {told === 'failed' && 'This browser lets pages copy over https only: select the text.'}
      </span>
    </>
  );
}
