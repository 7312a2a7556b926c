/** Who looks at the pages, and what they may do. */
import { signal } from '@preact/signals';
import type { Role, Session } from '../../contract/system.ts';
import { Failure, getJson, send, unauthorised } from '../api/http.ts';

/** null: not known yet. */
export const session = signal<Session | null>(null);
/** Why the session could not be asked for; null where it could. */
export const sessionFailure = signal<Failure | null>(null);

/** The same order as the contract's ROLES: each may do what those before it may. */
const RANKS: Readonly<Record<Role, number>> = { read: 0, submit: 1, admin: 2 };

/** Asks the server who this is. A server that does not answer changes nothing about what is known. */
export async function refreshSession(): Promise<void> {
  try {
    session.value = await getJson<Session>('/session');
    sessionFailure.value = null;
  } catch (error) {
    sessionFailure.value = error instanceof Failure ? error : new Failure(0, null, (error as Error).message);
  }
}

// A session ends while pages are open: by its time, or because its token was revoked.
unauthorised.subscribe((times) => {
  if (times > 0) void refreshSession();
});

/** Throws Failure where the token is refused. */
export async function signIn(token: string): Promise<void> {
  session.value = await send<Session>('POST', '/session', { token });
}

export async function signOut(): Promise<void> {
  await send('DELETE', '/session');
  await refreshSession();
}

export const mustSignIn = (of: Session | null): boolean => of?.needsToken === true && of.role === null;

/** Why this session may not do what `needed` may; null where it may. */
export function denialReason(of: Session | null, needed: Role): string | null {
  if (of === null) return null;
  if (of.role === null) return of.needsToken ? 'Sign in first.' : null;
  if (RANKS[of.role] >= RANKS[needed]) return null;
  return `Your token has the role “${of.role}”; this needs “${needed}”.`;
}
