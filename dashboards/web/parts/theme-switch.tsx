/** A button that cycles through the themes: system, light, dark. */
import { chooseTheme, THEME_CHOICES, type ThemeChoice, themeChoice } from '../state/theme.ts';

export function ThemeSwitch() {
  const choice = themeChoice.value;
  const next = THEME_CHOICES[(THEME_CHOICES.indexOf(choice) + 1) % THEME_CHOICES.length] as ThemeChoice;
  const label = `Theme: ${choice}. Switch to ${next}`;
  return (
    <button type="button" class="theme" aria-label={label} title={label} onClick={() => chooseTheme(next)}>
      <svg class="icon" viewBox="0 0 20 20" width="18" height="18" aria-hidden="true" fill="none" stroke="currentColor">
        {choice === 'light' && (
          <>
            <circle cx="10" cy="10" r="3.5" fill="currentColor" />
            <path
              stroke-width="1.6"
              d="M10 1v3M10 16v3M1 10h3M16 10h3M3.6 3.6l2.1 2.1M14.3 14.3l2.1 2.1M3.6 16.4l2.1-2.1M14.3 5.7l2.1-2.1"
            />
          </>
        )}
        {choice === 'dark' && <path fill="currentColor" d="M16.5 12.6A7.2 7.2 0 0 1 7.4 3.5a7 7 0 1 0 9.1 9.1z" />}
        {choice === 'system' && (
          <>
            <circle cx="10" cy="10" r="7" stroke-width="1.6" />
            <path fill="currentColor" d="M10 3a7 7 0 0 1 0 14z" />
          </>
        )}
      </svg>
    </button>
  );
}
