/** A command to type, and a button that puts it on the clipboard. */
import { useState } from 'preact/hooks';

export function Command({ children }: { readonly children: string }) {
  const [said, say] = useState('');
  const copy = () => {
    // Only there over https or on this machine: elsewhere the text is selected by hand.
    const done = navigator.clipboard?.writeText(children) ?? Promise.reject();
    done.then(
      () => say('Copied'),
      () => say('Select it by hand: this browser gives no clipboard here'),
    );
  };
  return (
    <span class="command">
      <code>{children}</code>
      <button type="button" class="plain" onClick={copy} aria-label={`Copy: ${children}`}>
        Copy
      </button>
      <span role="status" class="soft small">
        {said}
      </span>
    </span>
  );
}
