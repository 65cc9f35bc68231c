/**
 * Text for a CSV file that a spreadsheet is to open, which takes what begins like this for a formula: with a mark before it, that
 * makes text of it, and that our own reading of tables takes off again.
 */
export function guardFormula(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

/** As it was before `guardFormula`. */
export function withoutGuard(text: string): string {
  return /^'[=+\-@\t\r]/.test(text) ? text.slice(1) : text;
}
