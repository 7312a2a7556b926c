/** The state of the event stream. Announced only when it is lost, and when it is restored. */
import { useEffect, useState } from 'preact/hooks';
import { connection } from '../state/live.ts';
import { mustSignIn, session } from '../state/session.ts';

/** Shorter interruptions are not reported. */
const GRACE_MS = 2000;

export function ConnectionStatus() {
  const now = connection.value;
  const [isLost, setLost] = useState(false);
  const [message, announce] = useState('');
  useEffect(() => {
    if (now !== 'lost') {
      if (now === 'live' && isLost) announce('Live again.');
      setLost(false);
      return;
    }
    const timer = setTimeout(() => {
      setLost(true);
      announce('The server does not respond. Data on this page are not updated.');
    }, GRACE_MS);
    return () => clearTimeout(timer);
  }, [now]);
  // There is no connection before signing in.
  if (mustSignIn(session.value)) return null;
  const isLive = !isLost && now !== 'connecting';
  return (
    <>
      <span class={`line ${isLost ? 'lost' : isLive ? 'live' : ''}`}>
        <span class="dot" />
        {isLost ? 'Reconnecting …' : isLive ? 'Live' : 'Connecting …'}
      </span>
      {/* Above the page, so that its content does not move. */}
      <p class={isLost ? 'lost-note note warn' : 'unseen'} role="status">
        {message}
      </p>
    </>
  );
}
