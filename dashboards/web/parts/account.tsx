/** The signed-in user and the button to sign out; nothing if no token is needed. */
import { useState } from 'preact/hooks';
import { session, signOut } from '../state/session.ts';

export function Account() {
  const [failed, setFailed] = useState(false);
  const user = session.value;
  if (user === null || !user.needsToken || user.role === null) return null;
  return (
    <span class="who">
      <span title={`Role of your token: ${user.role}`}>
        {user.name ?? 'token'} ({user.role})
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
      {failed && <span role="alert">Signing out failed: the server does not respond.</span>}
    </span>
  );
}
