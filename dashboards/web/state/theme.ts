/** The theme: of the system, or chosen. Canvases read `shownTheme`, and redraw when it changes. */
import { computed, signal } from '@preact/signals';

export const THEME_CHOICES = ['system', 'light', 'dark'] as const;
export type ThemeChoice = (typeof THEME_CHOICES)[number];

/** Also read by `public/theme.js`, before the first paint. */
const KEY = 'narrows-theme';

const systemIsDark = matchMedia('(prefers-color-scheme: dark)');
const system = signal<'light' | 'dark'>(systemIsDark.matches ? 'dark' : 'light');
systemIsDark.addEventListener('change', ({ matches }) => {
  system.value = matches ? 'dark' : 'light';
});

const stored = document.documentElement.dataset.theme;
export const themeChoice = signal<ThemeChoice>(stored === 'light' || stored === 'dark' ? stored : 'system');

export const shownTheme = computed<'light' | 'dark'>(() => (themeChoice.value === 'system' ? system.value : themeChoice.value));

export function chooseTheme(choice: ThemeChoice): void {
  // The style first: subscribers of the signal read colours from it.
  if (choice === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
  try {
    if (choice === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, choice);
  } catch {
    // Without storage the choice lasts until the page is closed.
  }
  themeChoice.value = choice;
}
