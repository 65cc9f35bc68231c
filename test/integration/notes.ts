/** Figures that the suites measured, printed with the results. */
export const notes: string[] = [];
