/** Characters of others that could change what a terminal shows, or hide what a line says. */

/**
 * Control characters of C0 and C1 and DEL; those that turn the direction of writing, as Unicode's Bidi_Control has them
 * (UAX #9); and the separators of lines and paragraphs.
 */
const CONTROLS = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** @returns the text with such characters as JSON escapes them, `\u001b` say: in strings of JSON they stay what they are. */
export const escapeControls = (text: string): string =>
  text.replace(CONTROLS, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
