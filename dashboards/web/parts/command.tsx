/** A shell command with a button that copies it. */
import { useState } from 'preact/hooks';
import { copyToClipboard } from './clipboard.ts';

export function Command({ children }: { readonly children: string }) {
  const [status, setStatus] = useState('');
  const copy = () => {
    copyToClipboard(children).then(
      () => setStatus('Copied'),
      () => setStatus('Cannot copy here: select the command instead'),
    );
  };
  return (
    <span class="command">
      <code>{children}</code>
      <button type="button" class="plain" onClick={copy} aria-label={`Copy: ${children}`}>
        Copy
      </button>
      <span role="status" class="soft small">
        {status}
      </span>
    </span>
  );
}
