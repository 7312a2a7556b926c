/** Signs in with a token. */
import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { Failure } from '../api/http.ts';
import { Command } from '../parts/command.tsx';
import { PageTitle } from '../parts/frame.tsx';
import { mustSignIn, session, signIn } from '../state/session.ts';
import { localPath } from '../state/url.ts';
import './sign-in.css';

/** Delay after too many attempts, unless the server states one. */
const DEFAULT_WAIT_SECONDS = 30;

export default function SignInPage() {
  const { query, route } = useLocation();
  const [token, setToken] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [wait, setWait] = useState(0);
  const back = localPath(query.back);
  const isSignedIn = !mustSignIn(session.value);

  useEffect(() => {
    if (isSignedIn) route(back, true);
  }, [isSignedIn]);
  useEffect(() => {
    if (wait <= 0) return;
    const timer = setTimeout(() => setWait(wait - 1), 1000);
    return () => clearTimeout(timer);
  }, [wait]);

  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy || wait > 0) return;
    if (token.trim() === '') return setError('Enter a token.');
    setBusy(true);
    setError(null);
    try {
      await signIn(token.trim());
      setToken('');
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.status === 429) setWait(Math.ceil(error.retryAfter ?? DEFAULT_WAIT_SECONDS));
      setError(describeFailure(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="sign-in">
      <PageTitle>Sign in</PageTitle>
      <p class="soft">This server requires a token. Its administrator creates one:</p>
      <Command>narrows token create --name you --role read</Command>
      <form onSubmit={submit} autocomplete="off" noValidate>
        <div class="field">
          <label for="token">Token</label>
          <input
            id="token"
            type="password"
            autocomplete="off"
            autocapitalize="off"
            spellcheck={false}
            value={token}
            aria-invalid={error === null ? undefined : 'true'}
            aria-describedby="token-fault"
            onInput={(event) => setToken(event.currentTarget.value)}
          />
          <span class="fault" id="token-fault" role="alert">
            {error}
          </span>
          {wait > 0 && <span class="hint number">Try again in {wait} s.</span>}
        </div>
        <button type="submit" class="primary" aria-disabled={busy || wait > 0 ? 'true' : undefined}>
          Sign in
        </button>
      </form>
    </div>
  );
}

function describeFailure({ status, problem, message }: Failure): string {
  if (status === 0) return 'The server does not respond.';
  if (status === 429) return 'Too many attempts.';
  return [message, problem?.fix].filter((text) => text !== undefined).join('; ');
}
