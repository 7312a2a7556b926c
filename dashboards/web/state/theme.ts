/** Light or dark: as the system has it, or as chosen here. What draws on a canvas reads `shownTheme` and draws again when it changes. */
import { computed, signal } from '@preact/signals';

export const THEME_CHOICES = ['system', 'light', 'dark'] as const;
export type ThemeChoice = (typeof THEME_CHOICES)[number];

/** `public/theme.js` reads the same key before the first paint. */
const KEY = 'narrows-theme';

const systemIsDark = matchMedia('(prefers-color-scheme: dark)');
const system = signal<'light' | 'dark'>(systemIsDark.matches ? 'dark' : 'light');
systemIsDark.addEventListener('change', ({ matches }) => {
  system.value = matches ? 'dark' : 'light';
});

const chosenBefore = document.documentElement.dataset.theme;
export const themeChoice = signal<ThemeChoice>(chosenBefore === 'light' || chosenBefore === 'dark' ? chosenBefore : 'system');

export const shownTheme = computed<'light' | 'dark'>(() => (themeChoice.value === 'system' ? system.value : themeChoice.value));

export function chooseTheme(choice: ThemeChoice): void {
  // The style first: whoever follows the signal reads colours from it.
  if (choice === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
  try {
    if (choice === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, choice);
  } catch {
    // Without storage it holds until the page is closed.
  }
  themeChoice.value = choice;
}
