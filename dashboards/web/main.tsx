import './style/tokens.css';
import './style/base.css';
import './style/controls.css';
import './style/parts.css';
import './style/print.css';
import { render } from 'preact';
import { METHOD_CSS } from '../../text/methods.ts';
import { App, preloadPage } from './app.tsx';
import { preserveScroll } from './state/scroll.ts';
import { mustSignIn, refreshSession, session } from './state/session.ts';

/** Milliseconds after which the frame is rendered even if the server has not responded. */
const FRAME_TIMEOUT_MS = 100;

const methodStyles = new CSSStyleSheet();
methodStyles.replaceSync(METHOD_CSS);
document.adoptedStyleSheets.push(methodStyles);

const isSignedIn = refreshSession().then(() => session.value !== null && !mustSignIn(session.value));
void preloadPage(location, isSignedIn);
preserveScroll();
// The session decides what is rendered. It usually arrives first, which saves rendering an empty
// frame.
void Promise.race([isSignedIn, new Promise((resolve) => setTimeout(resolve, FRAME_TIMEOUT_MS))]).then(() =>
  render(<App />, document.getElementById('app') as HTMLElement),
);
