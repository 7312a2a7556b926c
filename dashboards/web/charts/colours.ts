/** Colours of style sheets for what draws on a canvas. */
import { shownTheme } from '../state/theme.ts';

/** What a CSS colour is now, in a form that a canvas takes. */
export function resolved(colour: string): string {
  const probe = document.createElement('span');
  probe.style.color = colour;
  probe.hidden = true;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

/** The theme that is shown; who reads it in a component is drawn again when it changes. */
export const themeShown = (): string => shownTheme.value;
