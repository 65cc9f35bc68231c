/**
 * `npm run soak -- <name> [arguments]`: what is tried for minutes or hours; each is a script in test/soak that prints what it
 * did and ends with 1 where something did not hold.
 */
import { runNamed } from "./lib/named.ts";

runNamed("soak", {
  answers: "test/soak/answers.ts",
  disk: "test/soak/disk.ts",
  files: "test/soak/files.ts",
  kill: "test/soak/kill.ts",
  leaks: "test/soak/leaks.ts",
  week: "test/soak/week.ts",
  messages: "test/soak/messages.ts",
  pages: "test/soak/pages.ts",
  windows: "test/soak/windows.ts",
});
