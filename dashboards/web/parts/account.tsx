/** Who is signed in with a token, and the way out. On a machine that asks for none there is nothing to say. */
import { useState } from 'preact/hooks';
import { session, signOut } from '../state/session.ts';

export function Account() {
  const [failed, setFailed] = useState(false);
  const who = session.value;
  if (who === null || !who.needsToken || who.role === null) return null;
  return (
    <span class="who">
      <span title={`Role of your token: ${who.role}`}>
        {who.name ?? 'token'} ({who.role})
      </span>
      <button
        type="button"
        class="plain"
        onClick={() =>
          signOut().then(
            () => setFailed(false),
            () => setFailed(true),
          )
        }
      >
        Sign out
      </button>
      {failed && <span role="alert">That failed: the server does not answer.</span>}
    </span>
  );
}
