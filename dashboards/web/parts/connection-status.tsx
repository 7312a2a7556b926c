/** Whether what is shown follows the server. Said aloud only when it no longer does, and when it does again. */
import { useEffect, useState } from 'preact/hooks';
import { connection } from '../state/live.ts';
import { mustSignIn, session } from '../state/session.ts';

/** A line that breaks and stands again within this time is not worth a word. */
const GRACE_MS = 2000;

export function ConnectionStatus() {
  const now = connection.value;
  const [isLost, setLost] = useState(false);
  const [said, say] = useState('');
  useEffect(() => {
    if (now !== 'lost') {
      if (now === 'live' && isLost) say('Live again.');
      setLost(false);
      return;
    }
    const timer = setTimeout(() => {
      setLost(true);
      say('The server does not answer. What is shown stays as it was.');
    }, GRACE_MS);
    return () => clearTimeout(timer);
  }, [now]);
  // Whoever has to sign in first has no line yet.
  if (mustSignIn(session.value)) return null;
  const isLive = !isLost && now !== 'connecting';
  return (
    <>
      <span class={`line ${isLost ? 'lost' : isLive ? 'live' : ''}`}>
        <span class="dot" />
        {isLost ? 'Reconnecting …' : isLive ? 'Live' : 'Connecting …'}
      </span>
      {/* Over the page, not in it: nothing that somebody reads moves. */}
      <p class={isLost ? 'lost-note note warn' : 'unseen'} role="status">
        {said}
      </p>
    </>
  );
}
