/** A shell command with a button that copies it. */
import { useCopy } from './copy.ts';

export function Command({ children }: { readonly children: string }) {
  const { copy, status } = useCopy(children, 'Copied', 'Cannot copy here: select the command instead');
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
