/** Control characters of texts from outside, shown instead of obeyed by a terminal. */

/**
 * C0, DEL and C1, controls of direction and of lines, lone surrogates. Line feeds and tabs, which
 * texts of several lines contain, are shown in `escapeLine` only.
 */
const CONTROLS = /[\p{Cc}\p{Cs}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

const escapeCharacter = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * Returns a text in which control characters are written as \u001b. In JSON this is another
 * spelling of the same value.
 */
export const escapeControls = (text: string): string =>
  text.replaceAll(CONTROLS, (character) => (character === '\n' || character === '\t' ? character : escapeCharacter(character)));

/** Returns a text on one line: its line feeds and tabs are written out as well. */
export const escapeLine = (text: string): string => text.replaceAll(CONTROLS, escapeCharacter);
