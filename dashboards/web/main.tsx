import './style/tokens.css';
import './style/base.css';
import './style/controls.css';
import './style/parts.css';
import './style/print.css';
import { render } from 'preact';
import { App } from './app.tsx';
import { keepScroll } from './state/scroll.ts';
import { askSession } from './state/session.ts';

void askSession();
keepScroll();
render(<App />, document.getElementById('app') as HTMLElement);
