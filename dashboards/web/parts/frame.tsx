/** What every page stands in: a link past the navigation, the navigation, the state of the line, the page. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { connectEvents, disconnectEvents } from '../state/live.ts';
import { mustSignIn, refreshSession, session, sessionFailure } from '../state/session.ts';
import { Account } from './account.tsx';
import { ConnectionStatus } from './connection-status.tsx';
import { Failed } from './load-states.tsx';
import { ThemeSwitch } from './theme-switch.tsx';
import './frame.css';

const PLACES = [
  ['/', 'Sweeps'],
  ['/compare', 'Compare'],
  ['/retrainings', 'Retraining'],
  ['/champions', 'Champions'],
  ['/datasets', 'Datasets'],
  ['/system', 'System'],
] as const;

export function Frame({ children }: { readonly children: ComponentChildren }) {
  const { path } = useLocation();
  const isHere = (place: string) =>
    place === '/' ? path === '/' || path.startsWith('/sweeps') || path.startsWith('/trials') : path.startsWith(place);
  return (
    <>
      <a class="skip" href="#main">
        To the content
      </a>
      <header class="bar">
        <a class="brand" href="/">
          <Waist />
          narrows
        </a>
        <nav aria-label="Main">
          {PLACES.map(([place, name]) => (
            <a key={place} href={place} aria-current={isHere(place) ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <div class="bar-end">
          <ConnectionStatus />
          <Account />
          <ThemeSwitch />
        </div>
      </header>
      <main id="main" tabindex={-1}>
        <Admitted>{children}</Admitted>
      </main>
    </>
  );
}

/** The page, once it is known who asks; the sign-in page for those who have to show a token first. */
function Admitted({ children }: { readonly children: ComponentChildren }) {
  const { path, route } = useLocation();
  const who = session.value;
  const failure = sessionFailure.value;
  const isRefused = mustSignIn(who);
  useEffect(() => {
    if (who === null) return;
    if (!isRefused) return connectEvents();
    disconnectEvents();
    if (path !== '/sign-in') route(`/sign-in?back=${encodeURIComponent(location.pathname + location.search)}`, true);
  }, [who === null, isRefused, path]);
  useEffect(() => {
    if (who !== null || failure === null) return;
    const timer = setInterval(() => void refreshSession(), 3000);
    return () => clearInterval(timer);
  }, [who === null, failure === null]);
  if (who === null) return failure && <Failed failure={failure} retry={() => void refreshSession()} />;
  return isRefused && path !== '/sign-in' ? null : children;
}

/** The sign of narrows: what goes in wide, passes a waist, and comes out wide. */
function Waist() {
  return (
    <svg class="icon" viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
      <path
        fill="var(--accent)"
        d="M2 3h6c0 8 4 10 8 10s8-2 8-10h6v3c0 7-5 8.5-9 10 4 1.5 9 3 9 10v3h-6c0-8-4-10-8-10s-8 2-8 10H2v-3c0-7 5-8.5 9-10C7 14.5 2 13 2 6z"
      />
      <circle fill="var(--eca)" cx="16" cy="16" r="3" />
    </svg>
  );
}

/** Nobody has done anything since the page was opened: its heading may take the focus. False on the first page, which a browser reads from its top. */
let isUntouched = false;
for (const act of ['keydown', 'pointerdown'] as const)
  addEventListener(
    act,
    () => {
      isUntouched = false;
    },
    { capture: true },
  );

export function markNavigation(): void {
  isUntouched = true;
}

/** The page's heading, which is also the title of the window, and where reading begins after a navigation. */
export function PageTitle({ children, window }: { readonly children: ComponentChildren; readonly window?: string }) {
  const { path } = useLocation();
  const heading = useRef<HTMLHeadingElement>(null);
  const text = window ?? (typeof children === 'string' ? children : '');
  useEffect(() => {
    document.title = text === '' ? 'narrows' : `${text} · narrows`;
  }, [text]);
  useEffect(() => {
    if (isUntouched) heading.current?.focus({ preventScroll: true });
  }, [path]);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}
