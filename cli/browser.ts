/** The system's browser. */
import { spawn } from 'node:child_process';

/**
 * Asks the system to open a page; where it has no browser, nothing happens: the address has been
 * printed.
 */
export function openInBrowser(url: string): void {
  const opener = spawn(process.platform === 'darwin' ? 'open' : 'xdg-open', [url], { stdio: 'ignore', detached: true });
  opener.on('error', () => {});
  opener.unref();
}
