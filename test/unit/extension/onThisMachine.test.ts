import { expect, test } from "vitest";
import { isOnThisMachine } from "../../../src/extension/similar/onThisMachine.ts";

test.each<[string, string, string, boolean]>([
  ["file", "", "/photos/a.png", true],
  ["file", "", "/c:/photos/a.png", true],
  ["vscode-remote", "ssh-remote+host", "/photos/a.png", true],
  ["file", "host", "/share/a.png", false],
  ["file", "", "//host/share/a.png", false],
  ["file", "", "\\\\host\\share\\a.png", false],
  ["vscode-remote", "wsl+x", "//host/share/a.png", false],
  ["http", "", "/a.png", false],
  ["untitled", "", "a.png", false],
])("%s, authority %j, %s: on this machine %s", (scheme, authority, path, expected) => {
  expect(isOnThisMachine({ scheme, authority, path })).toBe(expected);
});
