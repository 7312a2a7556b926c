import './style/tokens.css';
import './style/base.css';
import './style/controls.css';
import './style/parts.css';
import './style/print.css';
import { render } from 'preact';
import { App, prepare } from './app.tsx';
import { preserveScroll } from './state/scroll.ts';
import { mustSignIn, refreshSession, session } from './state/session.ts';

/** Milliseconds after which the frame stands, whatever the server does. */
const FRAME_WAITS = 100;

const isAdmitted = refreshSession().then(() => session.value !== null && !mustSignIn(session.value));
void prepare(location, isAdmitted);
preserveScroll();
// Who asks decides what is drawn: on this machine the answer is there by now, and a frame without a page would be drawn for nothing.
void Promise.race([isAdmitted, new Promise((resolve) => setTimeout(resolve, FRAME_WAITS))]).then(() =>
  render(<App />, document.getElementById('app') as HTMLElement),
);
