/** The frame of every page: skip link, navigation, connection status, content. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { connectEvents, disconnectEvents } from '../state/live.ts';
import { mustSignIn, refreshSession, session, sessionFailure } from '../state/session.ts';
import { Account } from './account.tsx';
import { ConnectionStatus } from './connection-status.tsx';
import { Failed } from './load-states.tsx';
import { signInPath } from './paths.ts';
import { ThemeSwitch } from './theme-switch.tsx';
import './frame.css';

const SECTIONS = [
  ['/', 'Sweeps'],
  ['/compare', 'Compare'],
  ['/retrainings', 'Retraining'],
  ['/champions', 'Champions'],
  ['/datasets', 'Datasets'],
  ['/system', 'System'],
] as const;

export function Frame({ children }: { readonly children: ComponentChildren }) {
  const { path } = useLocation();
  const isCurrent = (section: string) =>
    section === '/' ? path === '/' || path.startsWith('/sweeps') || path.startsWith('/trials') : path.startsWith(section);
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="bar">
        <a class="brand" href="/">
          <Logo />
          narrows
        </a>
        <nav aria-label="Main">
          {SECTIONS.map(([section, name]) => (
            <a key={section} href={section} aria-current={isCurrent(section) ? 'page' : undefined}>
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
        <RequireSession>{children}</RequireSession>
      </main>
    </>
  );
}

/** Shows the page once the session is known; redirects to the sign-in page if a token is needed. */
function RequireSession({ children }: { readonly children: ComponentChildren }) {
  const { path, route } = useLocation();
  const current = session.value;
  const failure = sessionFailure.value;
  const needsSignIn = mustSignIn(current);
  useEffect(() => {
    if (current === null) return;
    if (!needsSignIn) return connectEvents();
    disconnectEvents();
    if (path !== '/sign-in') route(signInPath(), true);
  }, [current === null, needsSignIn, path]);
  useEffect(() => {
    if (current !== null || failure === null) return;
    const timer = setInterval(() => void refreshSession(), 3000);
    return () => clearInterval(timer);
  }, [current === null, failure === null]);
  if (current === null) return failure && <Failed failure={failure} retry={() => void refreshSession()} />;
  return needsSignIn && path !== '/sign-in' ? null : children;
}

/** The logo: a waist, like the bottleneck of the networks. */
function Logo() {
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

/** Whether the heading takes the focus: after a navigation without input since. */
let isUntouched = false;
const markInput = () => {
  isUntouched = false;
};
addEventListener('keydown', markInput, { capture: true });
addEventListener('pointerdown', markInput, { capture: true });

export function markNavigation(): void {
  isUntouched = true;
}

/** The heading of the page and title of the window; takes the focus after a navigation. */
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
