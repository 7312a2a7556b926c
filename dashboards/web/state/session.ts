/** The session: user and role. */
import { signal } from '@preact/signals';
import type { Role, Session } from '../../contract/system.ts';
import { Failure, getJson, send, unauthorised } from '../api/http.ts';

/** null until the server has responded. */
export const session = signal<Session | null>(null);
/** Why the session could not be loaded; null if it was. */
export const sessionFailure = signal<Failure | null>(null);

/** Order of the contract's ROLES: each may do what those before it may. */
const RANKS: Readonly<Record<Role, number>> = { read: 0, submit: 1, admin: 2 };

/** Loads the session. If the server is unreachable, the known session remains. */
export async function refreshSession(): Promise<void> {
  try {
    session.value = await getJson<Session>('/session');
    sessionFailure.value = null;
  } catch (error) {
    sessionFailure.value = Failure.from(error);
  }
}

// A session may end while pages are open: it expires, or its token is revoked.
unauthorised.subscribe((times) => {
  if (times > 0) void refreshSession();
});

/** Throws Failure if the token is rejected. */
export async function signIn(token: string): Promise<void> {
  session.value = await send<Session>('POST', '/session', { token });
}

export async function signOut(): Promise<void> {
  await send('DELETE', '/session');
  await refreshSession();
}

export const mustSignIn = (of: Session | null): boolean => of?.needsToken === true && of.role === null;

/** Returns why this session lacks the role `needed`; null if it has it. */
export function denialReason(of: Session | null, needed: Role): string | null {
  if (of === null) return null;
  if (of.role === null) return of.needsToken ? 'Sign in first.' : null;
  if (RANKS[of.role] >= RANKS[needed]) return null;
  return `Your token has the role “${of.role}”; this needs “${needed}”.`;
}
