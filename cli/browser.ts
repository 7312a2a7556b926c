import { spawn } from 'node:child_process';

/** Opens a page in the system's browser, where there is one. */
export function openInBrowser(url: string): void {
  const opener = spawn(process.platform === 'darwin' ? 'open' : 'xdg-open', [url], { stdio: 'ignore', detached: true });
  opener.on('error', () => {});
  opener.unref();
}
