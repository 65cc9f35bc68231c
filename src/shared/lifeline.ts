/**
 * The pipe by which a child process sees that the one that started it has ended, even while its main thread is busy: the
 * variable that tells the child its descriptor, and the place of the pipe after the standard ones and the channel of messages.
 */
export const LIFELINE = { variable: "LOOKALIKE_LIFELINE", descriptor: 4 } as const;
