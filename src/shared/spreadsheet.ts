/** What some spreadsheet takes for a formula, also in the wide forms of East Asia; or such a text that has its mark already. */
const GUARDED = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/**
 * Text for a CSV file that a spreadsheet is to open, which takes what begins like this for a formula: with a mark before it, that
 * makes text of it, and that our own reading of tables takes off again.
 */
export function guardFormula(text: string): string {
  return GUARDED.test(text) ? `'${text}` : text;
}

/** As it was before `guardFormula`. */
export function withoutGuard(text: string): string {
  return text.startsWith("'") && GUARDED.test(text.slice(1)) ? text.slice(1) : text;
}
