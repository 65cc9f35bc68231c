/** What every panel offers beside a notice or a run, and its page may ask for. */
export const PANEL_ACTIONS = [
  "indexFolder",
  "manageTrust",
  "showLog",
  "retry",
  "cancelIndexing",
  "endComparison",
  "enterPassword",
] as const;
